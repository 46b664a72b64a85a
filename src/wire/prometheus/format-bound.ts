import { formatDouble } from '../otlp/read/index.ts'

/** A bound as `le` and `quantile` have it: plain decimals, never an exponent. */
export function formatBound(value: number): string {
  const text = formatDouble(value)
  const at = text.indexOf('e')
  if (at < 0) return text
  const sign = text.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = text.slice(sign.length, at).split('.')
  const exponent = Number(text.slice(at + 1))
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - whole.length)}${whole}${fraction}`
  return `${sign}${whole}${fraction.padEnd(exponent, '0')}`
}
