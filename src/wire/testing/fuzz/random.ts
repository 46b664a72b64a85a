import { createRandom } from '../mutate.ts'

/** Repeatable random numbers. */
export interface Random {
  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number
}

export function newRandom(seed: number): Random {
  const next = createRandom(seed)
  return { below: (limit) => Math.floor(next() * limit) }
}

/** One change anywhere: a bit, a byte, a piece left out or doubled, the end cut off. */
export function mutateAnyBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1)
  const size = 1 + random.below(8)
  switch (random.below(6)) {
    case 0: {
      const changed = Uint8Array.from(bytes)
      if (at < bytes.length) changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8))
      return changed
    }
    case 1: {
      const changed = Uint8Array.from(bytes)
      if (at < bytes.length) changed[at] = random.below(256)
      return changed
    }
    case 2:
      return bytes.subarray(0, at)
    case 3:
      return concat(bytes.subarray(0, at), bytes.subarray(at + size))
    case 4:
      return concat(bytes.subarray(0, at + size), bytes.subarray(at))
    default:
      return concat(
        bytes.subarray(0, at),
        Uint8Array.from({ length: size }, () => random.below(256)),
        bytes.subarray(at),
      )
  }
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
