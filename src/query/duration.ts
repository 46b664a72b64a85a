const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/
const UNITS_MS = [365 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000, 1] as const

/** Prometheus durations hold int64 nanoseconds. */
const LIMIT_MS = 2 ** 63 / 1e6

/** A duration in Prometheus' form (`1h30m`, `0`); undefined when it is none. Milliseconds. */
export function parsePromDuration(text: string): number | 'out of range' | undefined {
  if (text === '0') return 0
  const match = text === '' ? null : DURATION.exec(text)
  if (match === null) return undefined
  let sum = 0
  UNITS_MS.forEach((unitMs, i) => {
    sum += Number(match[i + 1] ?? 0) * unitMs
  })
  return sum >= LIMIT_MS ? 'out of range' : sum
}

/** A duration in Prometheus' form, in the units that leave the least: years and weeks only where nothing is left. */
export function formatPromDuration(ms: number): string {
  let rest = Math.trunc(ms)
  if (rest === 0) return '0s'
  let text = ''
  for (const { unit, ms: unitMs, whole } of PRINTED_UNITS) {
    if (whole && rest % unitMs !== 0) continue
    const count = Math.floor(rest / unitMs)
    if (count > 0) text += String(count) + unit
    rest -= count * unitMs
  }
  return text
}

const PRINTED_UNITS = [
  { unit: 'y', ms: UNITS_MS[0], whole: true },
  { unit: 'w', ms: UNITS_MS[1], whole: true },
  { unit: 'd', ms: UNITS_MS[2], whole: false },
  { unit: 'h', ms: UNITS_MS[3], whole: false },
  { unit: 'm', ms: UNITS_MS[4], whole: false },
  { unit: 's', ms: UNITS_MS[5], whole: false },
  { unit: 'ms', ms: UNITS_MS[6], whole: false },
] as const

const GO_DURATION = /^(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)/
const GO_UNITS_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/** A duration in Go's form (`1.5s`, `100ms`, `2h45m`); undefined when it is none. Nanoseconds. */
export function parseGoDuration(text: string): number | undefined {
  let rest = text
  let sum = 0
  while (rest !== '') {
    const part = GO_DURATION.exec(rest)?.[0]
    if (part === undefined) return undefined
    const number = parseFloat(part)
    sum += number * (GO_UNITS_NS[part.replace(/^[\d.]+/, '')] ?? 0)
    rest = rest.slice(part.length)
  }
  return text === '' ? undefined : Math.round(sum)
}
