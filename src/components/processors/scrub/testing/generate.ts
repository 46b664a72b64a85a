import { createRandom } from '../../../../wire/testing/mutate.ts'

/** Makes synthetic values of the kinds that are looked for, always the same ones for the same seed. */
export class Generator {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = createRandom(seed)
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)]
    if (choice === undefined) throw new RangeError('pick from an empty list')
    return choice
  }

  of(alphabet: string, length: number): string {
    let text = ''
    for (let i = 0; i < length; i++) text += alphabet[this.below(alphabet.length)] ?? ''
    return text
  }

  digits(length: number): string {
    return this.of('0123456789', length)
  }

  between(least: number, most: number, width = 1): string {
    return String(least + this.below(most - least + 1)).padStart(width, '0')
  }

  email(): string {
    const name = this.pick([
      'amira.haddad',
      'jonas',
      "o'neil",
      'priya_nair',
      'lucas+shop',
      'mei-tanaka',
      'x',
      'J.Weber99',
      '1999kid',
    ])
    const domain = this.pick([
      'example.com',
      'mail.example.org',
      'example.co.uk',
      'xn--mnchen-3ya.example',
      '163.com',
      'a-b.example.io',
    ])
    return `${name}@${domain}`
  }

  ssn(separator = '-'): string {
    let area = this.between(1, 899, 3)
    if (area === '666') area = '667'
    return [area, this.between(1, 99, 2), this.between(1, 9999, 4)].join(separator)
  }

  /** With a right check digit; `groups` of digits, or in one run. */
  card(prefix: string, length: number, separator = '', groups: readonly number[] = [4, 4, 4, 4, 3]): string {
    const body = prefix + this.digits(length - prefix.length - 1)
    const digits = body + luhnDigit(body)
    if (separator === '') return digits
    const parts: string[] = []
    let at = 0
    for (const group of groups) {
      if (at < digits.length) parts.push(digits.slice(at, at + group))
      at += group
    }
    return parts.join(separator)
  }

  iban(country: string, length: number, grouped: boolean): string {
    const body = this.digits(length - 4)
    const check = 98n - (BigInt(`${body}${letterDigits(country)}00`) % 97n)
    const iban = `${country}${String(check).padStart(2, '0')}${body}`
    return grouped ? iban.replace(/(.{4})(?=.)/g, '$1 ') : iban
  }

  jwt(): string {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const header = encode({ alg: this.pick(['HS256', 'RS256', 'ES256']), typ: 'JWT' })
    return `${header}.${encode({ sub: this.digits(8), iat: 1_700_000_000 + this.below(1e6) })}.${this.of(BASE64URL, 43)}`
  }
}

export const ALNUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const BASE64URL = `${ALNUM}-_`

export function luhnDigit(body: string): string {
  let sum = 0
  for (let i = 0; i < body.length; i++) {
    const digit = Number(body[body.length - 1 - i])
    const weighted = i % 2 === 0 ? 2 * digit : digit
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return String((10 - (sum % 10)) % 10)
}

function letterDigits(letters: string): string {
  return letters.replace(/./g, (letter) => String(letter.charCodeAt(0) - 55))
}
