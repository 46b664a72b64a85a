import type { Detector } from '../../../../fleet/index.ts'
import type { KeyPath } from '../../../../wire/index.ts'
import { cardEnd } from './card.ts'
import { CHARS, DIGIT, HEX, startsWith, UPPER } from './chars.ts'
import { CLOUD_KEY_TRIGGERS, findCloudKey, isSecretByKey } from './cloud-key.ts'
import { Context } from './context.ts'
import { findEmail } from './email.ts'
import { ibanEnd } from './iban.ts'
import { findIpv6, ipv4End } from './ip.ts'
import { jwtEnd } from './jwt.ts'
import type { Matches } from './matches.ts'
import { bracketedEnd, internationalEnd, nationalEnd } from './phone.ts'
import { ssnEnd } from './ssn.ts'

/** Bits of what a byte may be the beginning (or the middle) of. */
const NUMBER = 1
const AT_SIGN = 2
const ESCAPED_AT = 4
const PLUS = 8
const BRACKET = 16
const COLON = 32
const TOKEN = 64
const CLOUD = 128

const NONE = -1

/** Which number each detector has in the matches; `NONE` for one that is not wanted. */
type Wanted = Readonly<Record<Detector, number>>

/**
 * Looks for the built-in kinds of personal data in one pass over the bytes of a text: a table says at which bytes
 * something could be, and there one looks closely. Nothing is allocated where nothing is found, except to look at the
 * words before a number.
 */
export class Scanner {
  readonly #wanted: Wanted
  readonly #triggers = new Uint8Array(256)
  readonly #context = new Context()
  readonly #wantsNumbers: boolean

  /** `numbers` gives each detector that is wanted its number in the matches. */
  constructor(numbers: ReadonlyMap<Detector, number>) {
    const of = (detector: Detector): number => numbers.get(detector) ?? NONE
    this.#wanted = {
      email: of('email'),
      'us-ssn': of('us-ssn'),
      'credit-card': of('credit-card'),
      phone: of('phone'),
      iban: of('iban'),
      ipv4: of('ipv4'),
      ipv6: of('ipv6'),
      jwt: of('jwt'),
      'cloud-key': of('cloud-key'),
    }
    const { email, phone, ipv6, jwt, iban, ipv4 } = this.#wanted
    this.#wantsNumbers = [phone, iban, ipv4, this.#wanted['us-ssn'], this.#wanted['credit-card']].some(
      (n) => n !== NONE,
    )
    if (this.#wantsNumbers) for (let byte = 0x30; byte <= 0x39; byte++) this.#mark(byte, NUMBER)
    if (email !== NONE) {
      this.#mark(0x40, AT_SIGN)
      this.#mark(0x25, ESCAPED_AT)
    }
    if (phone !== NONE) {
      this.#mark(0x2b, PLUS)
      this.#mark(0x28, BRACKET)
    }
    if (ipv6 !== NONE) this.#mark(0x3a, COLON)
    if (jwt !== NONE) this.#mark(0x4a, TOKEN)
    if (this.#wanted['cloud-key'] !== NONE) for (const byte of CLOUD_KEY_TRIGGERS) this.#mark(byte, CLOUD)
  }

  #mark(byte: number, bit: number): void {
    this.#triggers[byte] = (this.#triggers[byte] ?? 0) | bit
  }

  /**
   * Appends what it finds in the text; matches of different detectors may overlap. Without a path the keys around the
   * text are not known, and whatever some key would make a match is one.
   */
  scan(bytes: Uint8Array, start: number, end: number, path: KeyPath | undefined, matches: Matches): void {
    const triggers = this.#triggers
    const context = this.#context
    context.path = path
    context.isOpen = path === undefined
    context.start = start
    const cloudKey = this.#wanted['cloud-key']
    if (cloudKey !== NONE && isSecretByKey(bytes, start, end, context)) matches.add(cloudKey, start, end)
    let at = start
    while (at < end) {
      const trigger = triggers[bytes[at] ?? 0] ?? 0
      if (trigger === 0) at += 1
      else if (trigger === NUMBER) at = this.#number(bytes, at, start, end, matches)
      else at = this.#other(trigger, bytes, at, start, end, matches)
    }
  }

  /** Digits: returns behind the run, or behind what was found. */
  #number(bytes: Uint8Array, at: number, start: number, end: number, matches: Matches): number {
    let to = at + 1
    while (to < end && ((CHARS[bytes[to] ?? 0] ?? 0) & DIGIT) !== 0) to += 1
    const run = to - at
    const wanted = this.#wanted
    if (at - 2 >= start && wanted.iban !== NONE && ((CHARS[bytes[at - 1] ?? 0] ?? 0) & UPPER) !== 0) {
      const found = ibanEnd(bytes, at, start, end)
      if (found > 0) {
        matches.add(wanted.iban, at - 2, found)
        return found
      }
    }
    // A short run is something only together with what follows it.
    if (run < 7 && (to + 1 >= end || !isDivider(bytes[to] ?? 0))) return to
    if (wanted['us-ssn'] !== NONE && (run === 3 || run === 9)) {
      const found = ssnEnd(bytes, at, start, end, run, this.#context)
      if (found > 0) {
        matches.add(wanted['us-ssn'], at, found)
        return found
      }
    }
    if (wanted['credit-card'] !== NONE && (run === 4 || run >= 12)) {
      const found = cardEnd(bytes, at, start, end, run)
      if (found > 0) {
        matches.add(wanted['credit-card'], at, found)
        return found
      }
    }
    if (wanted.ipv4 !== NONE && run <= 3 && bytes[to] === 0x2e) {
      const found = ipv4End(bytes, at, start, end)
      if (found > 0) {
        matches.add(wanted.ipv4, at, found)
        return found
      }
    }
    if (wanted.phone !== NONE) {
      const found = nationalEnd(bytes, at, start, end, run, this.#context)
      if (found > 0) {
        matches.add(wanted.phone, at, found)
        return found
      }
    }
    return to
  }

  #other(trigger: number, bytes: Uint8Array, at: number, start: number, end: number, matches: Matches): number {
    const wanted = this.#wanted
    if ((trigger & AT_SIGN) !== 0 || ((trigger & ESCAPED_AT) !== 0 && startsWith(bytes, at, end, '%40'))) {
      const found = findEmail(bytes, at, start, end)
      if (found !== undefined) {
        matches.add(wanted.email, found.start, found.end)
        return found.end
      }
    }
    if ((trigger & PLUS) !== 0) {
      const found = internationalEnd(bytes, at, start, end)
      if (found > 0) {
        matches.add(wanted.phone, at, found)
        return found
      }
    }
    if ((trigger & BRACKET) !== 0) {
      const found = bracketedEnd(bytes, at, start, end)
      if (found > 0) {
        matches.add(wanted.phone, at, found)
        return found
      }
    }
    if ((trigger & COLON) !== 0 && at + 1 < end && isHexOrColon(bytes[at + 1] ?? 0)) {
      const found = findIpv6(bytes, at, start, end)
      if (found !== undefined) {
        matches.add(wanted.ipv6, found.start, found.end)
        return found.end
      }
    }
    if ((trigger & TOKEN) !== 0 && at - 2 >= start && bytes[at - 1] === 0x79 && bytes[at - 2] === 0x65) {
      const found = jwtEnd(bytes, at - 2, start, end)
      if (found > 0) {
        matches.add(wanted.jwt, at - 2, found)
        return found
      }
    }
    if ((trigger & CLOUD) !== 0) {
      const found = findCloudKey(bytes, at, start, end)
      if (found !== undefined) {
        matches.add(wanted['cloud-key'], found.start, found.end)
        return Math.max(found.end, at + 1)
      }
    }
    return at + 1
  }
}

/** What may stand between the groups of a number: blank, `-`, `.`, `/`, and the brackets of an area code. */
function isDivider(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x2d && byte <= 0x2f) || byte === 0x28 || byte === 0x29
}

function isHexOrColon(byte: number): boolean {
  return byte === 0x3a || ((CHARS[byte] ?? 0) & HEX) !== 0
}
