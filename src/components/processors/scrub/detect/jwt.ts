import { ALNUM, DASH, isAt, skipKinds } from './chars.ts'

const DOT = 0x2e
const BASE64URL = ALNUM | DASH
const MAX_HEADER = 8_192

/**
 * Behind the JSON Web Token (RFC 7519, compact form of RFC 7515 and 7516) that begins at `at`, or 0: at least header,
 * payload and signature, which may be empty, where the header is JSON with an `alg`.
 */
export function jwtEnd(bytes: Uint8Array, at: number, start: number, end: number): number {
  if (isAt(bytes, at - 1, start, end, BASE64URL)) return 0
  const header = skipKinds(bytes, at, end, BASE64URL)
  if (bytes[header] !== DOT || header >= end || header - at > MAX_HEADER) return 0
  const payload = skipKinds(bytes, header + 1, end, BASE64URL)
  if (payload >= end || bytes[payload] !== DOT || !hasAlgorithm(bytes.subarray(at, header))) return 0
  let to = skipKinds(bytes, payload + 1, end, BASE64URL)
  // An encrypted token has five parts.
  for (let part = 3; part < 5 && to < end && bytes[to] === DOT; part++) {
    if (!isAt(bytes, to + 1, to, end, BASE64URL)) break
    to = skipKinds(bytes, to + 1, end, BASE64URL)
  }
  return to
}

function hasAlgorithm(header: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(Buffer.from(Buffer.from(header).toString('latin1'), 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && 'alg' in value && typeof value.alg === 'string'
  } catch {
    return false
  }
}
