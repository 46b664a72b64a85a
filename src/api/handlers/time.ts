const RFC3339 = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[-+]\d\d:\d\d)$/

/** Nanoseconds since the epoch of an RFC 3339 time; undefined when it is none. */
export function parseRfc3339(text: string): bigint | undefined {
  const match = RFC3339.exec(text)
  if (match === null) return undefined
  const [, dateTime = '', fraction = '', zone = ''] = match
  const seconds = Date.parse(dateTime.toUpperCase() + zone.toUpperCase())
  if (Number.isNaN(seconds)) return undefined
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** A decimal number as Go's ParseFloat reads it, without the words for infinity and NaN. */
export function parseDecimal(text: string): number | undefined {
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : undefined
}
