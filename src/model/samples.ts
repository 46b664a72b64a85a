/** The two 32-bit halves of the NaN by which Prometheus marks the end of a series: 0x7ff0000000000002. */
export const STALE_NAN_HIGH = 0x7ff00000
export const STALE_NAN_LOW = 0x00000002

/** The stale marker as eight little-endian bytes. Copy bytes, not numbers: a NaN's payload may not survive a number. */
export const STALE_NAN_BYTES: Uint8Array = new Uint8Array([2, 0, 0, 0, 0, 0, 0xf0, 0x7f])

/** Whether the 64-bit float at index `i` of the array is the stale marker. `words` views the same buffer. */
export function isStaleAt(words: Uint32Array, i: number): boolean {
  return words[2 * i] === STALE_NAN_LOW && words[2 * i + 1] === STALE_NAN_HIGH
}
