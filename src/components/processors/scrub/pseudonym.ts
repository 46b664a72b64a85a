import { createHmac } from 'node:crypto'
import { AppError } from '../../../core/index.ts'

const MIN_KEY_BYTES = 16
const BYTES = 10
/** Hexadecimal digits in letters that make no number and no word, so that no rule finds anything in a pseudonym. */
const LETTERS = 'bcdfghjklmnpqrst'
const MAX_REMEMBERED = 4_096

export type Pseudonymize = (detector: string, value: string) => string

/**
 * Pseudonyms: the first 80 bits of HMAC-SHA256(key, detector + NUL + value), as 20 letters of `bcdfghjklmnpqrst`, each
 * for one hexadecimal digit. The same value gets the same one wherever the same key is used, and nobody without the key
 * can find out by trying which value it stands for. The value comes in its normal form: `normalize`.
 */
export function createPseudonyms(key: string): Pseudonymize {
  if (Buffer.byteLength(key) < MIN_KEY_BYTES) {
    throw new AppError(
      'invalid',
      `the key of pseudonyms is shorter than ${String(MIN_KEY_BYTES)} bytes: take a longer one`,
    )
  }
  const remembered = new Map<string, string>()
  return (detector, value) => {
    const input = `${detector}\0${value}`
    const known = remembered.get(input)
    if (known !== undefined) return known
    const hex = createHmac('sha256', key)
      .update(input)
      .digest('hex')
      .slice(0, 2 * BYTES)
    const pseudonym = hex.replace(/./g, (digit) => LETTERS[Number.parseInt(digit, 16)] ?? '')
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(input, pseudonym)
    return pseudonym
  }
}

/** One form for what people write in several, so that all of them get one pseudonym. */
export function normalize(detector: string, value: string): string {
  switch (detector) {
    case 'email':
      return value.replace('%40', '@').toLowerCase()
    case 'us-ssn':
    case 'credit-card':
      return value.replace(/[^0-9]/g, '')
    case 'phone':
      return normalizePhone(value)
    case 'iban':
      return value.replace(/[^0-9A-Za-z]/g, '').toUpperCase()
    case 'ipv6':
      return value.toLowerCase()
    default:
      return value
  }
}

/** With the calling code where the form says it: North American numbers belong to 1, others at home stay as dialled. */
function normalizePhone(value: string): string {
  const digits = value.replace(/\(0\)/, '').replace(/[^0-9]/g, '')
  if (value.startsWith('+')) return `+${digits}`
  if (digits.startsWith('00')) return `+${digits.slice(2)}`
  if (/^[2-9][0-9]{9}$/.test(digits)) return `+1${digits}`
  return /^1[0-9]{10}$/.test(digits) ? `+${digits}` : digits
}
