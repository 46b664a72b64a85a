/**
 * One request out of several of the same signal: a concatenation, because a request is nothing but a repeated field
 * and protobuf readers append repeated fields.
 */
export function mergeOtlp(payloads: readonly Uint8Array[]): Uint8Array {
  const [only] = payloads
  if (only !== undefined && payloads.length === 1) return only
  const merged = new Uint8Array(payloads.reduce((bytes, payload) => bytes + payload.length, 0))
  let at = 0
  for (const payload of payloads) {
    merged.set(payload, at)
    at += payload.length
  }
  return merged
}
