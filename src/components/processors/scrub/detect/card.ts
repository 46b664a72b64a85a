import { DIGIT, isAt, joinsLeft, joinsRight } from './chars.ts'

/** From (inclusive) to (inclusive) of the first digits, and the lengths that such numbers have. */
type Issuer = readonly [from: string, to: string, lengths: readonly number[]]

const LONG = [16, 17, 18, 19]
const MAESTRO = [12, 13, 14, 15, 16, 17, 18, 19]

const ISSUERS: readonly Issuer[] = [
  ['4', '4', [13, 16, 19]], // Visa
  ['51', '55', [16]], // Mastercard
  ['2221', '2720', [16]],
  ['34', '34', [15]], // American Express
  ['37', '37', [15]],
  ['6011', '6011', LONG], // Discover
  ['644', '649', LONG],
  ['65', '65', LONG],
  ['300', '305', LONG.concat(14)], // Diners Club
  ['309', '309', LONG.concat(14)],
  ['36', '36', LONG.concat(14)],
  ['38', '39', LONG.concat(14)],
  ['3528', '3589', LONG], // JCB
  ['62', '62', LONG], // UnionPay
  ['81', '81', LONG],
  ['2200', '2204', LONG], // Mir
  ['5018', '5018', MAESTRO], // Maestro
  ['5020', '5020', MAESTRO],
  ['5038', '5038', MAESTRO],
  ['5893', '5893', MAESTRO],
  ['6304', '6304', MAESTRO],
  ['6759', '6759', MAESTRO],
  ['6761', '6763', MAESTRO],
  ['5019', '5019', [16]], // Dankort
  ['508', '508', [16]], // RuPay
  ['606', '608', [16]],
  ['82', '82', [16]],
  ['5060', '5061', [16, 18, 19]], // Verve
  ['9792', '9792', [16]], // Troy
]

const SPACE = 0x20
const HYPHEN = 0x2d
const MIN_DIGITS = 12
const MAX_DIGITS = 19

const digits = new Uint8Array(MAX_DIGITS)

/**
 * Behind the payment card number that begins at `at`, or 0: the digits of an issuer in one of its lengths, right by
 * Luhn's formula, in one run or in groups of which the first has four, with blanks or hyphens between.
 */
export function cardEnd(bytes: Uint8Array, at: number, start: number, end: number, run: number): number {
  if (run !== 4 && run < MIN_DIGITS) return 0
  if (joinsLeft(bytes, at, start)) return 0
  const separator = run === 4 ? bytes[at + 4] : undefined
  if (run === 4 && separator !== SPACE && separator !== HYPHEN) return 0
  let count = 0
  let good = 0
  let pos = at
  for (;;) {
    const group = pos
    while (pos < end && isAt(bytes, pos, group, end, DIGIT)) {
      if (count === MAX_DIGITS) return good
      digits[count++] = (bytes[pos++] ?? 0) - 0x30
    }
    if (pos - group < 2) return good
    if (count >= MIN_DIGITS && isCard(count) && !joinsRight(bytes, pos, end)) good = pos
    if (separator === undefined || bytes[pos] !== separator || !isAt(bytes, pos + 1, pos, end, DIGIT)) return good
    pos += 1
  }
}

function isCard(count: number): boolean {
  return passesLuhn(count) && ISSUERS.some(([from, to, lengths]) => lengths.includes(count) && isBetween(from, to))
}

function isBetween(from: string, to: string): boolean {
  let prefix = 0
  for (let i = 0; i < from.length; i++) prefix = prefix * 10 + (digits[i] ?? 0)
  return prefix >= Number(from) && prefix <= Number(to)
}

function passesLuhn(count: number): boolean {
  let sum = 0
  for (let i = 0; i < count; i++) {
    const digit = digits[count - 1 - i] ?? 0
    const weighted = i % 2 === 0 ? digit : digit * 2
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return sum % 10 === 0
}
