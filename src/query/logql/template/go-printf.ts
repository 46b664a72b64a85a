import { formatFloatFixed } from '../../go-float.ts'
import { quoteText } from '../../labels.ts'
import { formatValue, typeOf, type Value } from './values.ts'

const VERB = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(.?)/gsu
/** Wider fields are refused: a template must not make much of little. */
const MAX_WIDTH = 10_000

/** Formats as Go's `Sprintf` does. */
export function sprintf(format: string, args: readonly Value[]): string {
  let next = 0
  const text = format.replace(VERB, (whole, flags: string, width?: string, precision?: string, verb = '') => {
    if (verb === '%') return '%'
    if (verb === '') return '%!(NOVERB)'
    const take = (): Value => args[next++]
    const size = (given: string | undefined): number | undefined =>
      given === undefined ? undefined : Math.min(MAX_WIDTH, Number(given === '*' ? take() : given === '' ? 0 : given))
    const wide = size(width)
    const precise = size(precision)
    if (next >= args.length) return `%!${String(verb)}(MISSING)`
    return pad(formatVerb(String(verb), take(), { flags, precision: precise }), wide, flags)
  })
  if (next >= args.length) return text
  const extra = args.slice(next).map((value) => `${typeOf(value)}=${formatValue(value)}`)
  return `${text}%!(EXTRA ${extra.join(', ')})`
}

interface Options {
  readonly flags: string
  readonly precision: number | undefined
}

function pad(text: string, width: number | undefined, flags: string): string {
  const missing = (width ?? 0) - Array.from(text).length
  if (missing <= 0) return text
  if (flags.includes('-')) return text + ' '.repeat(missing)
  if (!flags.includes('0')) return ' '.repeat(missing) + text
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  return sign + '0'.repeat(missing) + text.slice(sign.length)
}

function formatVerb(verb: string, value: Value, options: Options): string {
  switch (verb) {
    case 's':
    case 'v':
      return formatGeneral(verb, value, options)
    case 'q':
      return typeof value === 'string' ? quoteText(cut(value, options.precision)) : bad(verb, value)
    case 'd':
      return typeof value === 'bigint'
        ? signed(value < 0n, (value < 0n ? -value : value).toString(), options)
        : bad(verb, value)
    case 't':
      return typeof value === 'boolean' ? String(value) : bad(verb, value)
    case 'x':
    case 'X':
      return formatHex(verb, value)
    case 'b':
    case 'o':
      return typeof value === 'bigint' ? value.toString(verb === 'b' ? 2 : 8) : bad(verb, value)
    case 'c':
    case 'U': {
      if (typeof value !== 'bigint') return bad(verb, value)
      const point = Number(value)
      return verb === 'c' ? String.fromCodePoint(point) : `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
    }
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
      return typeof value === 'number' ? formatFloat(verb, value, options) : bad(verb, value)
    case 'T':
      return typeOf(value)
    default:
      return bad(verb, value)
  }
}

function formatGeneral(verb: string, value: Value, options: Options): string {
  if (typeof value === 'string') return cut(value, options.precision)
  if (verb === 'v' || typeof value === 'object') return formatValue(value)
  return bad(verb, value)
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : Array.from(text).slice(0, precision).join('')
}

function signed(negative: boolean, digits: string, { flags }: Options): string {
  if (negative) return `-${digits}`
  return flags.includes('+') ? `+${digits}` : flags.includes(' ') ? ` ${digits}` : digits
}

function formatHex(verb: string, value: Value): string {
  const text =
    typeof value === 'bigint'
      ? value.toString(16)
      : typeof value === 'string'
        ? Buffer.from(value).toString('hex')
        : bad(verb, value)
  return verb === 'X' && !text.startsWith('%') ? text.toUpperCase() : text
}

function formatFloat(verb: string, value: number, options: Options): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  const negative = value < 0 || Object.is(value, -0)
  const size = Math.abs(value)
  const digits = { f: 6, e: 6 }[verb.toLowerCase()] ?? -1
  const precision = options.precision ?? digits
  const text = floatDigits(verb.toLowerCase(), size, precision)
  return signed(negative, verb === 'E' || verb === 'G' ? text.toUpperCase() : text, options)
}

function floatDigits(verb: string, size: number, precision: number): string {
  if (verb === 'f') return size < 1e21 ? size.toFixed(Math.min(100, precision)) : formatFloatFixed(size)
  if (verb === 'e') return goExponent(size.toExponential(Math.min(100, precision)))
  if (precision < 0) return formatValue(size)
  const significant = Math.max(1, Math.min(100, precision))
  const exponential = size.toExponential(significant - 1)
  const exponent = Number(exponential.split('e')[1])
  const plain = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
  if (exponent >= -4 && exponent < significant) return plain(size.toFixed(Math.max(0, significant - 1 - exponent)))
  const [mantissa = '', power = ''] = exponential.split('e')
  return goExponent(`${plain(mantissa)}e${power}`)
}

function goExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

function bad(verb: string, value: Value): string {
  const type = typeof value === 'bigint' ? 'int' : typeOf(value)
  return value === undefined ? `%!${verb}(<nil>)` : `%!${verb}(${type}=${formatValue(value)})`
}
