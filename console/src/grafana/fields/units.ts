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
  TBs: of('bytes/s', 1e12),
  TiBs: of('bytes', 1_024 ** 4, '/s'),
  PBs: of('bytes/s', 1e15),
  Kibits: of('short', 1_024, 'b/s'),
  Mibits: of('short', 1_024 ** 2, 'b/s'),
  Gibits: of('short', 1_024 ** 3, 'b/s'),
  Tbits: of('short', 1e12, 'b/s'),
  pbytes: of('bytes', 1_024 ** 5),
  decpbytes: of('decbytes', 1e15),
  wpm: rate('wr/min'),
  rpm: rate('rd/min'),
  epm: rate('ev/min'),
  recps: rate('rec/s'),
  flops: rate('FLOPS'),
  mflops: of('short', 1e6, 'FLOPS'),
  gflops: of('short', 1e9, 'FLOPS'),
  tflops: of('short', 1e12, 'FLOPS'),
  rotrpm: of('none', 1, 'rpm'),
  mwatt: of('watts', 1e-3),
  Mwatt: of('watts', 1e6),
  voltamp: rate('VA'),
  mvolt: of('short', 1e-3, 'V'),
  kvolt: of('short', 1e3, 'V'),
  mamp: of('short', 1e-3, 'A'),
  kamp: of('short', 1e3, 'A'),
  ohm: rate('Ω'),
  dB: of('none', 1, 'dB'),
  dBm: of('none', 1, 'dBm'),
  ppm: of('none', 1, 'ppm'),
  degree: of('none', 1, '°'),
  radian: of('none', 1, 'rad'),
  lengthm: rate('m'),
  massg: rate('g'),
  masskg: of('short', 1e3, 'g'),
  timeticks: of('seconds', 1e-2),
  hex: of('none'),
  hex0x: of('none'),
  sci: of('none'),
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
  currencyJPY: money('¥'),
  currencyCNY: money('¥'),
  currencyINR: money('₹'),
  currencyKRW: money('₩'),
  currencyBRL: money('R$'),
  currencyBTC: money('₿'),
  currencyAED: of('short', 1, ' AED'),
  currencyCHF: of('short', 1, ' CHF'),
  dateTimeAsIso: { time: 'date-time' },
  dateTimeAsIsoNoDateIfToday: { time: 'date-time' },
  dateTimeAsSystem: { time: 'date-time' },
  dateTimeAsLocal: { time: 'date-time' },
  dateTimeAsUS: { time: 'date-time' },
  dateTimeAsUSNoDateIfToday: { time: 'date-time' },
  dateTimeFromNow: { time: 'from-now' },
}

/** The ids of all units that are known by name. */
export const GRAFANA_UNITS: readonly string[] = Object.keys(UNITS).filter((unit) => unit !== '')

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
  const known = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined
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

/** What a chart's axis is written in, and what values are multiplied by for it. */
export function chartUnitOf(unit: string): {
  readonly unit: Unit
  readonly factor: number
  readonly prefix: string
  readonly suffix: string
} {
  const meaning = meaningOf(unit)
  if ('time' in meaning) return { unit: 'none', factor: 1, prefix: '', suffix: '' }
  const { prefix = '', suffix = '', factor = 1 } = meaning
  return { unit: meaning.unit, factor, prefix, suffix }
}
