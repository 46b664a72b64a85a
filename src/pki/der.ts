/**
 * The part of DER (X.690) that it takes to walk through a certificate: tag, definite length in its shortest form,
 * content. Certificates come from strangers, so whatever is not exactly that is refused.
 */
export interface DerValue {
  /** The identifier byte: class, constructed bit and number. Numbers above 30 are refused; certificates have none. */
  readonly tag: number
  /** A view of the content. */
  readonly content: Uint8Array
}

export const DER = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
} as const

/** All values that stand one after another in `bytes`. Throws a RangeError that says what is not DER. */
export function readDerValues(bytes: Uint8Array): DerValue[] {
  const values: DerValue[] = []
  let at = 0
  while (at < bytes.length) {
    const { value, end } = readDerValue(bytes, at)
    values.push(value)
    at = end
  }
  return values
}

/** The values inside the one sequence that `bytes` must be. */
export function readDerSequence(bytes: Uint8Array): DerValue[] {
  const [sequence, ...rest] = readDerValues(bytes)
  if (sequence?.tag !== DER.sequence || rest.length > 0) throw new RangeError('expected one sequence')
  return readDerValues(sequence.content)
}

function readDerValue(bytes: Uint8Array, start: number): { readonly value: DerValue; readonly end: number } {
  const tag = bytes[start]
  const first = bytes[start + 1]
  if (tag === undefined || first === undefined) throw new RangeError('ends inside a header')
  if ((tag & 0x1f) === 0x1f) throw new RangeError('has a long tag')
  const { length, at } =
    first < 0x80 ? { length: first, at: start + 2 } : readLongLength(bytes, start + 2, first & 0x7f)
  const end = at + length
  if (end > bytes.length) throw new RangeError('ends inside a value')
  return { value: { tag, content: bytes.subarray(at, end) }, end }
}

function readLongLength(
  bytes: Uint8Array,
  at: number,
  count: number,
): { readonly length: number; readonly at: number } {
  if (count === 0) throw new RangeError('has an indefinite length')
  if (count > 3) throw new RangeError('has a length above 16 MiB')
  let length = 0
  for (let i = 0; i < count; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) throw new RangeError('ends inside a length')
    length = length * 256 + byte
  }
  const shortest = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3
  if (shortest !== count) throw new RangeError('has a length that is not in its shortest form')
  return { length, at: at + count }
}
