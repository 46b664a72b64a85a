import { ALNUM, DIGIT, isAt, joinsRight, latin1, UPPER, WORD } from './chars.ts'

/** Lengths by country, from the registry of SWIFT. */
const LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ' +
    'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 ' +
    'LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 ' +
    'PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

const SPACE = 0x20
const HYPHEN = 0x2d

/**
 * Behind the IBAN whose check digits begin at `at`, two letters before it; or 0. In one run, or in groups of four with
 * blanks or hyphens between; country, length and check digits (ISO 7064, modulo 97) must be right.
 */
export function ibanEnd(bytes: Uint8Array, at: number, start: number, end: number): number {
  const from = at - 2
  if (!isAt(bytes, from, start, end, UPPER) || !isAt(bytes, at - 1, start, end, UPPER)) return 0
  if (isAt(bytes, from - 1, start, end, WORD) || !isAt(bytes, at + 1, start, end, DIGIT)) return 0
  const length = LENGTHS.get(latin1(bytes, from, at))
  if (length === undefined) return 0
  let rest = 0
  let pos = at + 2
  for (let count = 4; count < length; count++) {
    if (count % 4 === 0 && (bytes[pos] === SPACE || bytes[pos] === HYPHEN)) pos += 1
    if (!isAt(bytes, pos, start, end, ALNUM)) return 0
    rest = addToRest(rest, bytes[pos++] ?? 0)
  }
  if (joinsRight(bytes, pos, end)) return 0
  for (let i = from; i < from + 4; i++) rest = addToRest(rest, bytes[i] ?? 0)
  return rest === 1 ? pos : 0
}

/** A letter counts as two digits: A is 10, Z is 35. */
function addToRest(rest: number, byte: number): number {
  if (byte < 0x3a) return (rest * 10 + byte - 0x30) % 97
  return (rest * 100 + (byte & 0xdf) - 0x37) % 97
}
