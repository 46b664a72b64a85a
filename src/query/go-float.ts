/** The float as Go's `strconv.FormatFloat(v, 'f', -1, 64)` prints it: shortest digits, never an exponent. */
export function formatFloatFixed(value: number): string {
  const special = formatSpecial(value)
  if (special !== undefined) return special
  const text = String(value)
  const at = text.indexOf('e')
  return at < 0 ? text : shiftPoint(text.slice(0, at), Number(text.slice(at + 1)))
}

/**
 * The float as Prometheus writes sample values in JSON: like `formatFloatFixed`, but with an exponent of at least two
 * digits below 1e-6 and from 1e21 on. Those are the bounds at which JavaScript changes over, too.
 */
export function formatFloatSample(value: number): string {
  const special = formatSpecial(value)
  if (special !== undefined) return special
  const text = String(value)
  const at = text.indexOf('e')
  if (at < 0) return text
  const digits = text.slice(at + 2).padStart(2, '0')
  return text.slice(0, at + 2) + digits
}

/** The float as Go's `%g` prints it: shortest digits, with an exponent below 1e-4 and from 1e6 on. */
export function formatFloatShort(value: number): string {
  const special = formatSpecial(value)
  if (special !== undefined) return special
  const [mantissa = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (value === 0 || (exponent >= -4 && exponent < 6)) return formatFloatFixed(value)
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

/** A number in Go's text forms (`0x1p-2`, underscores and all are not among them; those are the lexer's business). */
export function parseGoFloat(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text)
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text)
  if (special === null) return undefined
  if (special[2]?.toLowerCase() === 'nan') return NaN
  return special[1] === '-' ? -Infinity : Infinity
}

function formatSpecial(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  return Object.is(value, -0) ? '-0' : undefined
}

function shiftPoint(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.')
  const digits = whole + fraction
  const point = whole.length + exponent
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length)
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}
