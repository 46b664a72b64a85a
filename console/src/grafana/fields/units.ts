import { type Quantity, toDigits } from '../../format/quantity.ts'
import { scaleFor, toQuantity, type Unit } from '../../format/units.ts'

/** A unit of Grafana's by what it is here: one of our units after a factor, or a number with words around it. */
type Meaning =
  | { readonly unit: Unit; readonly factor?: number; readonly prefix?: string; readonly suffix?: string }
  | { readonly time: 'date-time' | 'from-now' }

const of = (unit: Unit, factor = 1, suffix = ''): Meaning => ({ unit, factor, suffix })
const rate = (suffix: string): Meaning => of('short', 1, suffix)
const money = (prefix: string): Meaning => ({ unit: 'short', prefix })

/** Grafana's ids. What is not here is written behind the number as it is, as Grafana does. */
const UNITS: Readonly<Record<string, Meaning>> = {
  '': of('short'),
  none: of('none'),
  short: of('short'),
  sishort: of('short'),
  string: of('none'),
  locale: of('none'),
  percent: of('percent'),
  percentunit: of('percentunit'),
  bool: of('none'),
  s: of('seconds'),
  ms: of('seconds', 1e-3),
  µs: of('seconds', 1e-6),
  us: of('seconds', 1e-6),
  ns: of('seconds', 1e-9),
  m: of('seconds', 60),
  h: of('seconds', 3_600),
  d: of('seconds', 86_400),
  dtdurations: of('seconds'),
  dtdurationms: of('seconds', 1e-3),
  clocks: of('seconds'),
  clockms: of('seconds', 1e-3),
  dthms: of('seconds'),
  dtdhms: of('seconds'),
  bits: of('short', 1, 'b'),
  decbits: of('short', 1, 'b'),
  bytes: of('bytes'),
  decbytes: of('decbytes'),
  kbytes: of('bytes', 1_024),
  mbytes: of('bytes', 1_024 ** 2),
  gbytes: of('bytes', 1_024 ** 3),
  tbytes: of('bytes', 1_024 ** 4),
  deckbytes: of('decbytes', 1e3),
  decmbytes: of('decbytes', 1e6),
  decgbytes: of('decbytes', 1e9),
  dectbytes: of('decbytes', 1e12),
  Bps: of('bytes/s'),
  binBps: of('bytes', 1, '/s'),
  KBs: of('bytes/s', 1e3),
  KiBs: of('bytes', 1_024, '/s'),
  MBs: of('bytes/s', 1e6),
  MiBs: of('bytes', 1_024 ** 2, '/s'),
  GBs: of('bytes/s', 1e9),
  GiBs: of('bytes', 1_024 ** 3, '/s'),
  bps: rate('b/s'),
  binbps: rate('b/s'),
  Kbits: of('short', 1e3, 'b/s'),
  Mbits: of('short', 1e6, 'b/s'),
  Gbits: of('short', 1e9, 'b/s'),
  pps: rate('p/s'),
  cps: of('per-second'),
  cpm: rate('/min'),
  ops: rate('ops/s'),
  opm: rate('ops/min'),
  reqps: rate('req/s'),
  reqpm: rate('req/min'),
  rps: rate('rd/s'),
  wps: rate('wr/s'),
  iops: rate('io/s'),
  mps: rate('msg/s'),
  eps: rate('ev/s'),
  rowsps: rate('rows/s'),
  hertz: of('hertz'),
  rothz: of('hertz'),
  mhertz: of('hertz', 1e6),
  celsius: of('celsius'),
  fahrenheit: of('none', 1, '°F'),
  kelvin: of('none', 1, 'K'),
  watt: of('watts'),
  kwatt: of('watts', 1e3),
  watth: rate('Wh'),
  kwatth: of('short', 1e3, 'Wh'),
  joule: rate('J'),
  volt: rate('V'),
  amp: rate('A'),
  humidity: of('none', 1, '%H'),
  currencyUSD: money('$'),
  currencyEUR: money('€'),
  currencyGBP: money('£'),
  dateTimeAsIso: { time: 'date-time' },
  dateTimeAsIsoNoDateIfToday: { time: 'date-time' },
  dateTimeAsSystem: { time: 'date-time' },
  dateTimeAsLocal: { time: 'date-time' },
  dateTimeFromNow: { time: 'from-now' },
}

/** A value as the panel's unit says, with `decimals` places behind the point if it says how many. */
export function writeValue(
  value: number | null,
  unit: string,
  decimals?: number,
  nowMs: number = Date.now(),
): Quantity {
  const meaning = meaningOf(unit)
  if (value === null || !Number.isFinite(value)) return toQuantity(value, 'none')
  if ('time' in meaning) return toTime(value, meaning.time, nowMs)
  const { prefix = '', suffix = '', factor = 1 } = meaning
  const { digits, unit: written } = writeIn(value * factor, meaning.unit, decimals)
  return { digits: `${prefix}${digits}`, unit: `${written}${suffix}` }
}

function writeIn(value: number, unit: Unit, decimals: number | undefined): Quantity {
  if (decimals === undefined) return toQuantity(value, unit)
  const scale = scaleFor(Math.abs(value), unit)
  return { digits: (value / scale.divisor).toFixed(decimals).replace('-', '−'), unit: scale.unit }
}

function meaningOf(unit: string): Meaning {
  const known = UNITS[unit]
  if (known !== undefined) return known
  const [kind, ...rest] = unit.split(':')
  const text = rest.join(':')
  switch (kind) {
    case 'suffix':
      return of('none', 1, text)
    case 'prefix':
    case 'currency':
      return money(text)
    case 'si':
      return rate(text)
    case 'count':
      return rate(text)
    case 'time':
      return { time: 'date-time' }
    default:
      return of('none', 1, unit)
  }
}

function toTime(value: number, kind: 'date-time' | 'from-now', nowMs: number): Quantity {
  if (kind === 'from-now') {
    const seconds = (nowMs - value) / 1_000
    const { digits, unit } = toQuantity(Math.abs(seconds), 'seconds')
    return { digits: `${seconds < 0 ? 'in ' : ''}${digits}`, unit: `${unit}${seconds < 0 ? '' : ' ago'}` }
  }
  const date = new Date(value)
  return {
    digits: Number.isNaN(date.getTime()) ? toDigits(value) : date.toISOString().replace('T', ' ').slice(0, 19),
    unit: '',
  }
}

/** The nearest unit that a chart's axis has, and what values are multiplied by for it. */
export function chartUnitOf(unit: string): { readonly unit: Unit; readonly factor: number } {
  const meaning = meaningOf(unit)
  if ('time' in meaning) return { unit: 'none', factor: 1 }
  const perSecond = meaning.unit === 'short' && (meaning.suffix ?? '').endsWith('/s')
  return { unit: perSecond ? 'per-second' : meaning.unit, factor: meaning.factor ?? 1 }
}
