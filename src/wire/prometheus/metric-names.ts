/**
 * How OTLP's names become Prometheus' names, by Prometheus' `translation_strategy`; and for labels what the Prometheus
 * server does by default (it keeps runs of underscores, and puts `key` before a label that begins with one).
 */
export type NameStrategy =
  | 'UnderscoreEscapingWithSuffixes'
  | 'UnderscoreEscapingWithoutSuffixes'
  | 'NoUTF8EscapingWithSuffixes'
  | 'NoTranslation'

/** What the unit and type suffixes depend on. */
export type OtlpMetricKind = 'gauge' | 'counter' | 'updowncounter' | 'histogram' | 'exponential_histogram' | 'summary'

const MAIN_UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
}

const PER_UNITS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
}

/** The metric's name; undefined when nothing of it can be kept. */
export function toMetricName(
  name: string,
  unit: string,
  kind: OtlpMetricKind,
  strategy: NameStrategy = 'UnderscoreEscapingWithSuffixes',
): string | undefined {
  switch (strategy) {
    case 'UnderscoreEscapingWithSuffixes':
      return toEscapedName(name, unit, kind)
    case 'UnderscoreEscapingWithoutSuffixes':
      return toPlainName(name)
    case 'NoUTF8EscapingWithSuffixes':
      return name === '' ? undefined : withSuffixes(name, unit, kind)
    case 'NoTranslation':
      return name === '' ? undefined : name
  }
}

/** Characters that are not allowed become underscores, runs of them one; nothing is added. */
function toPlainName(name: string): string | undefined {
  const clean = name.replace(/[^A-Za-z0-9:_]+/gu, '_').replace(/_+/g, '_')
  if (clean.replaceAll('_', '') === '') return undefined
  return /^[0-9]/.test(clean) ? `_${clean}` : clean
}

/** The name as it was sent, with unit and type behind it unless they stand there. */
function withSuffixes(name: string, unit: string, kind: OtlpMetricKind): string {
  const { main, per } = toUnitWords(unit, /[^\p{L}\p{N}_:./-]+/gu)
  let result = name
  for (const word of [main, per]) {
    if (word !== '' && !result.endsWith(`_${word}`) && !result.endsWith(`.${word}`)) result += `_${word}`
  }
  if (kind === 'counter') result = `${trimSuffix(result, 'total')}_total`
  if (kind === 'gauge' && unit === '1') result = `${trimSuffix(result, 'ratio')}_ratio`
  return result
}

function trimSuffix(name: string, word: string): string {
  return name.endsWith(`_${word}`) || name.endsWith(`.${word}`) ? name.slice(0, -word.length - 1) : name
}

function toEscapedName(name: string, unit: string, kind: OtlpMetricKind): string | undefined {
  const tokens = name.split(/[^A-Za-z0-9:]+/u).filter((token) => token !== '')
  const { main, per } = toUnitWords(unit)
  // Compared with the name as it was sent: the main unit does not stop the per unit.
  const missing = [main, per].filter((word) => word !== '' && !tokens.includes(word))
  tokens.push(...missing)
  if (kind === 'counter') moveToEnd(tokens, 'total')
  // Gauges only: many senders give the unit 1 to counts of things.
  if (kind === 'gauge' && unit === '1') moveToEnd(tokens, 'ratio')
  const joined = tokens.join('_')
  if (joined.replaceAll('_', '') === '') return undefined
  return /^[0-9]/.test(joined) ? `_${joined}` : joined
}

/** The unit as metric metadata has it: `seconds`, `bytes_per_second`. */
export function toMetricUnit(unit: string): string {
  const { main, per } = toUnitWords(unit)
  return [main, per].filter((word) => word !== '').join('_')
}

/** The label's name; '' only for ''. Where names may be any UTF-8 it is the attribute's. */
export function toLabelName(attribute: string, strategy: NameStrategy = 'UnderscoreEscapingWithSuffixes'): string {
  if (strategy === 'NoUTF8EscapingWithSuffixes' || strategy === 'NoTranslation') return attribute
  const clean = attribute.replace(/[^A-Za-z0-9_]/gu, '_')
  if (/^[0-9]/.test(clean)) return `key_${clean}`
  if (clean.startsWith('_') && !clean.startsWith('__')) return `key${clean}`
  return clean
}

/** Splits `By/s` into `bytes` and `per_second`. Parts in braces are annotations and no units. */
function toUnitWords(
  unit: string,
  invalid: RegExp = /[^A-Za-z0-9]+/gu,
): { readonly main: string; readonly per: string } {
  const slash = unit.indexOf('/')
  const main = toUnitWord(slash < 0 ? unit : unit.slice(0, slash), MAIN_UNITS, invalid)
  const per = slash < 0 ? '' : toUnitWord(unit.slice(slash + 1), PER_UNITS, invalid)
  return { main, per: per === '' ? '' : `per_${per}` }
}

function toUnitWord(text: string, known: Readonly<Record<string, string>>, invalid: RegExp): string {
  const unit = text.trim()
  if (unit === '' || /[{}]/.test(unit)) return ''
  const word = Object.hasOwn(known, unit) ? (known[unit] ?? '') : unit
  return word.replace(invalid, '_').replace(/^_+|_+$/g, '')
}

function moveToEnd(tokens: string[], word: string): void {
  const others = tokens.filter((token) => token !== word)
  tokens.splice(0, tokens.length, ...others, word)
}
