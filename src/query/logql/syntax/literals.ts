import type { TokenStream } from './token-stream.ts'

const DECIMAL = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const HEXADECIMAL = /^0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)$/

/** The number that a token stands for; NaN when it is none as Go reads floats: `0x10` and `0b1` are not. */
export function numberOf(text: string): number {
  const digits = text.replaceAll('_', '')
  if (DECIMAL.test(digits)) return Number(digits)
  const parts = HEXADECIMAL.exec(digits)
  if (parts === null) return NaN
  const [, whole = '', fraction = '', exponent = '0'] = parts
  return parseInt(whole + fraction, 16) * 2 ** (Number(exponent) - 4 * fraction.length)
}

/** Reads a number with a sign if one comes; NaN where the number is none. */
export function acceptLiteral(tokens: TokenStream): number | undefined {
  if (tokens.is('+', '-')) {
    const negative = tokens.take().kind === '-'
    const value = numberOf(tokens.expect('NUMBER').text)
    return negative ? -value : value
  }
  return tokens.is('NUMBER') ? numberOf(tokens.take().text) : undefined
}
