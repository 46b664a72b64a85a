interface ScannedNumber {
  readonly end: number
  readonly isFloat: boolean
  readonly problem?: string
}

const HEX = /0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][-+]?\d*)?/y
const OCTAL_OR_BINARY = /0[bBoO][\d_]*/y
const DECIMAL = /(?:[\d_]*\.[\d_]*|[\d_]+)(?:[eE][-+]?[\d_]*)?/y

/**
 * Where the number that begins here ends, in the form of Go's literals. Only decimal ones can be used in a query, the
 * others must still be recognised as a whole so that they are refused and not read in parts.
 */
export function scanNumber(query: string, start: number): ScannedNumber {
  for (const pattern of [HEX, OCTAL_OR_BINARY]) {
    pattern.lastIndex = start
    const text = pattern.exec(query)?.[0]
    if (text !== undefined) return { end: start + text.length, isFloat: false }
  }
  DECIMAL.lastIndex = start
  const text = DECIMAL.exec(query)?.[0] ?? ''
  const end = start + text.length
  const isFloat = /[.eE]/.test(text)
  if (/[eE][-+]?$/.test(text)) return { end, isFloat, problem: 'exponent has no digits' }
  if (isFloat && text.includes('_')) return { end, isFloat, problem: `invalid number ${text}` }
  if (!isFloat && /^0\d*[89]/.test(text)) return { end, isFloat, problem: `invalid digit in octal literal` }
  return { end, isFloat }
}
