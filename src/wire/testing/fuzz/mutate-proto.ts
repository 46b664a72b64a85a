import { type Random, concat, mutateAnyBytes } from './random.ts'

/** A field of a protobuf message: where its tag begins, where its value begins, and where it ends. */
interface FieldRange {
  readonly start: number
  readonly valueStart: number
  readonly end: number
  readonly wireType: number
}

const MAX_DEPTH = 8

/** Numbers at which readers of varints go wrong. */
const VARINTS: readonly (readonly number[])[] = [
  [0],
  [1],
  [0x7f],
  [0x80, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x10],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
  [0x80, 0x00],
]

/**
 * Changes a protobuf message where it counts: goes down into a nested message at random, changes one of its fields as a
 * whole (leaves it out, doubles it, moves it, gives it another number, wire type or value), and puts the lengths around
 * it right again, so that the change is seen by whoever reads so deep.
 */
export function mutateProto(bytes: Uint8Array, random: Random, donor: Uint8Array, depth = 0): Uint8Array {
  const fields = fieldsOf(bytes)
  if (fields === undefined || fields.length === 0 || random.below(12) === 0) return mutateAnyBytes(bytes, random)
  const index = random.below(fields.length)
  const field = fields[index]
  if (field === undefined) return bytes
  if (field.wireType === 2 && depth < MAX_DEPTH && random.below(6) > 0) {
    const length = varintAt(bytes, field.valueStart)
    const body = bytes.subarray(length.end, field.end)
    if (body.length > 0) {
      const changed = mutateProto(body, random, donor, depth + 1)
      return concat(bytes.subarray(0, field.valueStart), varint(changed.length), changed, bytes.subarray(field.end))
    }
  }
  return mutateField(bytes, fields, field, random, donor)
}

function mutateField(
  bytes: Uint8Array,
  fields: readonly FieldRange[],
  field: FieldRange,
  random: Random,
  donor: Uint8Array,
): Uint8Array {
  const whole = bytes.subarray(field.start, field.end)
  const before = bytes.subarray(0, field.start)
  const after = bytes.subarray(field.end)
  switch (random.below(8)) {
    case 0:
      return concat(before, after)
    case 1:
      return concat(before, whole, whole, after)
    case 2: {
      const to = fields[random.below(fields.length)]?.start ?? 0
      const rest = concat(before, after)
      return concat(rest.subarray(0, Math.min(to, rest.length)), whole, rest.subarray(Math.min(to, rest.length)))
    }
    case 3: {
      const tag = (random.below(20) << 3) | random.below(8)
      return concat(before, varint(tag), bytes.subarray(field.valueStart))
    }
    case 4:
      return concat(
        before,
        bytes.subarray(field.start, field.valueStart),
        Uint8Array.from(VARINTS[random.below(VARINTS.length)] ?? []),
        after,
      )
    case 5: {
      const from = fieldsOf(donor)
      const piece = from?.[random.below(from.length)]
      return piece === undefined ? concat(before, after) : concat(before, donor.subarray(piece.start, piece.end), after)
    }
    case 6:
      // A length that lies.
      return concat(
        before,
        bytes.subarray(field.start, field.valueStart),
        varint(random.below(300)),
        bytes.subarray(Math.min(field.valueStart + 1, bytes.length)),
      )
    default:
      return concat(bytes.subarray(0, field.valueStart), mutateAnyBytes(bytes.subarray(field.valueStart), random))
  }
}

/** The fields of a message; undefined if the bytes are none. */
function fieldsOf(bytes: Uint8Array): readonly FieldRange[] | undefined {
  const fields: FieldRange[] = []
  let at = 0
  while (at < bytes.length) {
    const start = at
    const tag = varintAt(bytes, at)
    const wireType = tag.value & 7
    const valueStart = tag.end
    let end = valueStart
    if (wireType === 0) end = varintAt(bytes, valueStart).end
    else if (wireType === 1) end = valueStart + 8
    else if (wireType === 5) end = valueStart + 4
    else if (wireType === 2) {
      const length = varintAt(bytes, valueStart)
      end = length.end + length.value
    } else return undefined
    if (end > bytes.length || end <= start || tag.value < 8) return undefined
    fields.push({ start, valueStart, end, wireType })
    at = end
  }
  return fields
}

function varintAt(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } {
  let value = 0
  let at = from
  for (let scale = 1; at < bytes.length && at < from + 10; scale *= 128) {
    const byte = bytes[at++] ?? 0
    value += (byte & 0x7f) * scale
    if (byte < 0x80) break
  }
  return { value, end: at }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return Uint8Array.from([...bytes, rest])
}
