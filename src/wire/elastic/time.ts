import { type ParsedTime, parseRfc3339Nano } from '../cri/index.ts'

const parsed: ParsedTime = { unixNano: 0n, end: 0 }

/** What Elasticsearch takes for a date besides RFC 3339: parts left out at the end, no zone (UTC), a zone without colon. */
const ISO =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?)?)?$/
const MILLISECONDS = /^-?\d{1,15}(?:\.\d{1,9})?$/

/**
 * A date in the forms of `strict_date_optional_time` or `epoch_millis`, as nanoseconds since the epoch; undefined when
 * it is none. Milliseconds win over years from five digits on.
 */
export function parseElasticTime(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  if (parseRfc3339Nano(bytes, start, end, parsed) && parsed.end === end) return parsed.unixNano
  const text = Buffer.from(bytes.subarray(start, Math.min(end, start + 64))).toString('latin1')
  const iso = ISO.exec(text)
  if (iso !== null) return toNanos(iso)
  if (!MILLISECONDS.test(text)) return undefined
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6))
}

function toNanos(parts: RegExpExecArray): bigint | undefined {
  const [, year = '', month = '01', day = '01', hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] =
    parts
  const digits = zone.replace(':', '').slice(1).padEnd(4, '0')
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 1)}${digits.slice(0, 2)}:${digits.slice(2, 4)}`
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(9, '0')}${offset}`
  const bytes = Buffer.from(text)
  return parseRfc3339Nano(bytes, 0, bytes.length, parsed) ? parsed.unixNano : undefined
}
