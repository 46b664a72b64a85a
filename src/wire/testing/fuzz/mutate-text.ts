import { type Random, concat, mutateAnyBytes } from './random.ts'

/** Characters at which texts of all kinds are divided. */
const BOUNDARY = /[{}[\],:"'\s=#]/

/**
 * Changes a text: one of the words is put in, or in the place of a piece between boundaries; or a piece is left out,
 * doubled, or comes from another text; or any bytes are changed.
 */
export function mutateText(bytes: Uint8Array, random: Random, donor: Uint8Array, words: readonly string[]): Uint8Array {
  if (random.below(4) === 0) return mutateAnyBytes(bytes, random)
  const [start, end] = piece(bytes, random)
  const before = bytes.subarray(0, start)
  const after = bytes.subarray(end)
  const word = Buffer.from(words[random.below(words.length)] ?? '')
  switch (random.below(5)) {
    case 0:
      return concat(before, after)
    case 1:
      return concat(before, bytes.subarray(start, end), bytes.subarray(start, end), after)
    case 2:
      return concat(before, word, after)
    case 3:
      return concat(before, word, bytes.subarray(start, end), after)
    default: {
      const [from, to] = piece(donor, random)
      return concat(before, donor.subarray(from, to), after)
    }
  }
}

function piece(bytes: Uint8Array, random: Random): readonly [number, number] {
  let start = random.below(bytes.length + 1)
  while (start > 0 && !BOUNDARY.test(String.fromCharCode(bytes[start - 1] ?? 0))) start -= 1
  let end = start
  const boundaries = 1 + random.below(4)
  for (let passed = 0; end < bytes.length && passed < boundaries; end++) {
    if (BOUNDARY.test(String.fromCharCode(bytes[end] ?? 0))) passed += 1
  }
  return [start, end]
}
