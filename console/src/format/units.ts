import { type Quantity, toDigits } from './quantity.ts'

/**
 * How a plain number from a query is shown. `short` is SI without a unit; `seconds` takes seconds; `bytes` are binary
 * (memory), `decbytes` decimal (disk, network); `percent` is 0 to 100, `percentunit` 0 to 1.
 */
export type Unit =
  | 'none'
  | 'short'
  | 'seconds'
  | 'bytes'
  | 'decbytes'
  | 'bytes/s'
  | 'per-second'
  | 'percent'
  | 'percentunit'
  | 'celsius'
  | 'watts'
  | 'hertz'

export const UNIT_WORDS: Readonly<Record<Unit, string>> = {
  none: 'as it is',
  short: 'SI',
  seconds: 'seconds',
  bytes: 'bytes (binary)',
  decbytes: 'bytes (decimal)',
  'bytes/s': 'bytes per second',
  'per-second': 'per second',
  percent: 'percent, 0 to 100',
  percentunit: 'percent, 0 to 1',
  celsius: 'degrees Celsius',
  watts: 'watts',
  hertz: 'hertz',
}

const SI = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const
const SI_SMALL = ['', 'm', 'µ', 'n', 'p'] as const
const IEC = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

export function isUnit(text: string): text is Unit {
  return Object.hasOwn(UNIT_WORDS, text)
}

/** At most three digits and a unit. What is no finite number is a word: `no data`, `+∞`. */
export function toQuantity(value: number | null | undefined, unit: Unit): Quantity {
  if (value === null || value === undefined || Number.isNaN(value)) return { digits: 'no data', unit: '' }
  if (!Number.isFinite(value)) return { digits: value > 0 ? '+∞' : '−∞', unit: '' }
  return writeScaled(value, scaleFor(Math.abs(value), unit))
}

/** What is divided by, and the unit that is then written. */
export interface Scale {
  readonly divisor: number
  readonly unit: string
}

/** The scale in which this magnitude has one to three digits before the point. */
export function scaleFor(magnitude: number, unit: Unit): Scale {
  switch (unit) {
    case 'none':
      return { divisor: 1, unit: '' }
    case 'short':
      return decimal(magnitude, '')
    case 'seconds':
      return seconds(magnitude)
    case 'bytes':
      return steps(magnitude, 1_024, IEC)
    case 'decbytes':
      return decimal(magnitude, 'B')
    case 'bytes/s':
      return decimal(magnitude, 'B/s')
    case 'per-second':
      return magnitude < 1 ? { divisor: 1, unit: '/s' } : decimal(magnitude, '/s')
    case 'percent':
      return { divisor: 1, unit: '%' }
    case 'percentunit':
      return { divisor: 0.01, unit: '%' }
    case 'celsius':
      return { divisor: 1, unit: '°C' }
    case 'watts':
      return decimal(magnitude, 'W')
    case 'hertz':
      return decimal(magnitude, 'Hz')
  }
}

function writeScaled(value: number, { divisor, unit }: Scale): Quantity {
  const scaled = value / divisor
  const tiny = Math.abs(scaled)
  if (tiny > 0 && tiny < 0.001) return { digits: scaled.toExponential(1).replace('-', '−'), unit }
  const digits = toDigits(scaled)
  return digits === '0' ? { digits: '0', unit: '' } : { digits, unit }
}

function decimal(magnitude: number, unit: string): Scale {
  if (magnitude !== 0 && magnitude < 0.1 && unit !== '') {
    let step = 0
    while (magnitude * 1_000 ** step < 1 && step < SI_SMALL.length - 1) step += 1
    return { divisor: 1_000 ** -step, unit: `${SI_SMALL[step] ?? ''}${unit}` }
  }
  const scale = steps(magnitude, 1_000, SI)
  return { divisor: scale.divisor, unit: `${scale.unit}${unit}` }
}

function seconds(magnitude: number): Scale {
  if (magnitude === 0) return { divisor: 1, unit: 's' }
  if (magnitude < 0.999_5e-6) return { divisor: 1e-9, unit: 'ns' }
  if (magnitude < 0.999_5e-3) return { divisor: 1e-6, unit: 'µs' }
  if (magnitude < 0.999_5) return { divisor: 1e-3, unit: 'ms' }
  if (magnitude < 120) return { divisor: 1, unit: 's' }
  if (magnitude < 7_200) return { divisor: 60, unit: 'min' }
  if (magnitude < 172_800) return { divisor: 3_600, unit: 'h' }
  return { divisor: 86_400, unit: 'd' }
}

/** 999.7 is shown as 1 k, not as 1000. */
function steps(magnitude: number, base: number, units: readonly string[]): Scale {
  let step = 0
  let divisor = 1
  while (magnitude / divisor >= base - 0.5 && step < units.length - 1) {
    step += 1
    divisor *= base
  }
  return { divisor, unit: units[step] ?? '' }
}

/** A guess at the unit of a metric or a query, from the names in it, which by convention end in their units. */
export function guessUnit(query: string): Unit {
  const rate = /\b(rate|irate|increase|delta|deriv)\s*\(/.test(query)
  const name =
    /\b([a-zA-Z_:][\w:]*?)(?:_bucket|_sum|_count)?\s*(?:\{|\[|\)|$)/.exec(query.replaceAll(/\w+\s*\(/g, '('))?.[1] ?? ''
  const isShare =
    /^\s*\(?.*\)\s*\/\s*[a-z]+.*$/s.test(query) &&
    rate &&
    (query.match(/\b(rate|irate|increase)\s*\(/g)?.length ?? 0) > 1
  if (isShare && !/_sum\b/.test(query)) return 'percentunit'
  if (/_seconds(_bucket|_sum|_total)?\b/.test(query) && /histogram_quantile|_sum\b|_seconds\b(?!_)/.test(query)) {
    return /_seconds_total\b/.test(query) ? 'short' : /_timestamp_seconds/.test(query) ? 'none' : 'seconds'
  }
  // Metrics of spans do not say their unit.
  if (/histogram_quantile/.test(query) && /_(latency|duration)(_bucket)?\b/.test(query)) return 'seconds'
  if (/_bytes(_total)?\b/.test(query)) return rate && !/increase/.test(query) ? 'bytes/s' : 'bytes'
  if (/_ratio\b/.test(name)) return 'percentunit'
  if (/_percent\b/.test(query) || /_UTIL\b/.test(query)) return 'percent'
  if (/_celsius\b/.test(query) || /_TEMP\b/.test(query)) return 'celsius'
  if (/_watts\b/.test(query) || /_POWER_USAGE\b/.test(query)) return 'watts'
  return rate && !/increase|delta/.test(query) ? 'per-second' : 'short'
}
