import { ALNUM, BASE64, DASH, isAt, latin1, skipKinds, startsWith, UPPER, DIGIT } from './chars.ts'
import type { Context } from './context.ts'

const BASE64_KINDS = ALNUM | BASE64
const BASE64URL = ALNUM | DASH
const HYPHEN = 0x2d
const BACKSLASH = 0x5c

/** A token that begins with fixed text. */
interface Token {
  readonly prefix: string
  /** The bytes behind the prefix. */
  readonly kinds: number
  readonly least: number
  readonly most: number
}

interface Triggered {
  readonly back: number
  readonly first: number
  readonly token: Token
}

const token = (prefix: string, kinds: number, least: number, most = 400): Token => ({ prefix, kinds, least, most })

/**
 * Tokens by a byte of their prefix that is rare in other text, so that few places are looked at closely, and by how
 * many bytes of the prefix stand up to it.
 */
const BY_TRIGGER: readonly (readonly Triggered[] | undefined)[] = (() => {
  const tokens: readonly (readonly [trigger: string, back: number, token: Token])[] = [
    ['A', 0, token('AKIA', UPPER | DIGIT, 16, 16)], // AWS access keys, long-lived and temporary
    ['A', 0, token('ASIA', UPPER | DIGIT, 16, 16)],
    ['A', 0, token('AIza', BASE64URL, 35, 35)], // Google API key
    ['G', 0, token('GOCSPX-', BASE64URL, 28, 28)], // Google OAuth client secret
    ['.', 4, token('ya29.', BASE64URL, 30)], // Google OAuth access token
    ['.', 2, token('SG.', BASE64URL, 16)], // SendGrid; a second part follows, see below
    ['.', 3, token('hvs.', BASE64URL, 24)], // Vault
    ['_', 3, token('ghp_', ALNUM, 36)], // GitHub
    ['_', 3, token('gho_', ALNUM, 36)],
    ['_', 3, token('ghu_', ALNUM, 36)],
    ['_', 3, token('ghs_', ALNUM, 36)],
    ['_', 3, token('ghr_', ALNUM, 36)],
    ['_', 6, token('github_pat_', BASE64URL, 50)],
    ['_', 2, token('sk_live_', ALNUM, 16)], // Stripe
    ['_', 2, token('sk_test_', ALNUM, 16)],
    ['_', 2, token('rk_live_', ALNUM, 16)],
    ['_', 2, token('rk_test_', ALNUM, 16)],
    ['_', 5, token('whsec_', BASE64_KINDS, 24)],
    ['_', 3, token('npm_', ALNUM, 36, 36)],
    ['_', 2, token('hf_', ALNUM, 34, 40)], // Hugging Face
    ['_', 3, token('dop_v1_', ALNUM, 64, 64)], // DigitalOcean
    ['_', 5, token('shpat_', ALNUM, 32, 32)], // Shopify
    ['-', 4, token('xoxb-', BASE64URL, 20)], // Slack
    ['-', 4, token('xoxp-', BASE64URL, 20)],
    ['-', 4, token('xoxa-', BASE64URL, 20)],
    ['-', 4, token('xoxr-', BASE64URL, 20)],
    ['-', 4, token('xoxs-', BASE64URL, 20)],
    ['-', 4, token('xoxe-', BASE64URL, 20)],
    ['-', 4, token('xapp-', BASE64URL, 20)],
    ['-', 5, token('glpat-', BASE64URL, 20)], // GitLab
    ['-', 2, token('sk-proj-', BASE64URL, 20)], // OpenAI
    ['-', 2, token('sk-ant-', BASE64URL, 20)], // Anthropic
  ]
  const byTrigger = new Array<Triggered[] | undefined>(256).fill(undefined)
  for (const [trigger, back, of] of tokens) {
    const byte = trigger.charCodeAt(0)
    byTrigger[byte] = [...(byTrigger[byte] ?? []), { back, first: of.prefix.charCodeAt(0), token: of }]
  }
  return byTrigger
})()

/** Bytes at which `findCloudKey` wants to be called. */
export const CLOUD_KEY_TRIGGERS: readonly number[] = [
  ...BY_TRIGGER.flatMap((tokens, byte) => (tokens === undefined ? [] : [byte])),
  ...Buffer.from('=:~'),
]

export interface Span {
  start: number
  end: number
}

const span: Span = { start: 0, end: 0 }

/** The key or token that a byte at `at` points at, of the well-known forms of clouds and services. */
export function findCloudKey(bytes: Uint8Array, at: number, start: number, end: number): Span | undefined {
  const byte = bytes[at] ?? 0
  if (byte === 0x3d || byte === 0x3a) return findAssigned(bytes, at, start, end)
  if (byte === 0x7e) return findEntraSecret(bytes, at, start, end)
  if (byte === HYPHEN && startsWith(bytes, at, end, '-----BEGIN ')) return findPrivateKey(bytes, at, end)
  return findToken(bytes, at, start, end, byte)
}

const NO_TOKENS: readonly Triggered[] = []

function findToken(bytes: Uint8Array, at: number, start: number, end: number, byte: number): Span | undefined {
  for (const { back, first, token: of } of BY_TRIGGER[byte] ?? NO_TOKENS) {
    const from = at - back
    if (
      bytes[from] !== first ||
      from < start ||
      !startsWith(bytes, from, end, of.prefix) ||
      isAt(bytes, from - 1, start, end, ALNUM)
    )
      continue
    const body = from + of.prefix.length
    let to = skipKinds(bytes, body, end, of.kinds)
    if (to - body < of.least || to - body > of.most || !isRandom(bytes, body, to)) continue
    if (of.prefix === 'SG.') {
      const second = to + 1
      to = skipKinds(bytes, second, end, BASE64URL)
      if (bytes[second - 1] !== 0x2e || to - second < 20) continue
    }
    return spanOf(from, to)
  }
  return undefined
}

/** A placeholder (`ghp_xxxxxxxx…`) is no secret. */
function isRandom(bytes: Uint8Array, from: number, to: number): boolean {
  const seen = new Set<number>()
  for (let i = from; i < to && seen.size < 6; i++) seen.add(bytes[i] ?? 0)
  return seen.size >= 6
}

const AWS_SECRET = /(?:aws[a-z_.-]*secret[a-z_.-]*|secret_?access_?key|secretkey)["'\\]*$/i
const AZURE_KEY = /(?:accountkey|sharedaccesskey)$/i
const SAS_SIGNATURE = /[?&;"'\s]sig$/i
const SECRET_LENGTH = 40

/** Secrets that are nothing but random characters: the name before the `=` or `:` says what they are. */
function findAssigned(bytes: Uint8Array, at: number, start: number, end: number): Span | undefined {
  let name = at
  while (name > start && isBlankOrQuote(bytes[name - 1] ?? 0)) name -= 1
  // Most names end otherwise; looking closer costs a string.
  const last = (bytes[name - 1] ?? 0) | 0x20
  if (name === start || (last !== 0x79 && last !== 0x67 && last !== 0x74)) return undefined
  let from = at + 1
  while (from < end && isBlankOrQuote(bytes[from] ?? 0)) from += 1
  const before = latin1(bytes, Math.max(start, name - 40), name)
  if (AWS_SECRET.test(before)) {
    const to = skipKinds(bytes, from, end, BASE64_KINDS)
    return to - from === SECRET_LENGTH && isRandom(bytes, from, to) ? spanOf(from, to) : undefined
  }
  if (AZURE_KEY.test(before)) {
    const to = skipKinds(bytes, from, end, BASE64_KINDS)
    return to - from >= 43 && isRandom(bytes, from, to) ? spanOf(from, to) : undefined
  }
  if (!SAS_SIGNATURE.test(before)) return undefined
  let to = from
  while (to < end && (isAt(bytes, to, from, end, BASE64_KINDS | DASH) || bytes[to] === 0x25)) to += 1
  return to - from >= 40 && isRandom(bytes, from, to) ? spanOf(from, to) : undefined
}

/** The value of an attribute whose key says that it is an AWS secret access key. */
export function isSecretByKey(bytes: Uint8Array, start: number, end: number, context: Context): boolean {
  if (end - start !== SECRET_LENGTH || skipKinds(bytes, start, end, BASE64_KINDS) !== end) return false
  if (context.isOpen) return true
  if (context.path === undefined || context.path.depth === 0) return false
  return AWS_SECRET.test(context.path.join().replaceAll('.', '_')) && isRandom(bytes, start, end)
}

function isBlankOrQuote(byte: number): boolean {
  return byte === 0x20 || byte === 0x22 || byte === 0x27 || byte === BACKSLASH
}

/** The client secret of Microsoft Entra: three characters, a digit, `Q~`, 31 to 34 more. */
function findEntraSecret(bytes: Uint8Array, at: number, start: number, end: number): Span | undefined {
  const from = at - 5
  if (bytes[at - 1] !== 0x51 || !isAt(bytes, at - 2, start, end, DIGIT) || from < start) return undefined
  let to = at + 1
  while (to < end && (isAt(bytes, to, at, end, BASE64URL) || bytes[to] === 0x2e || bytes[to] === 0x7e)) to += 1
  const length = to - at - 1
  return length >= 31 && length <= 34 ? spanOf(from, to) : undefined
}

/** A block of PEM from its first line to its last, or to the end of the text. */
function findPrivateKey(bytes: Uint8Array, at: number, end: number): Span | undefined {
  const head = latin1(bytes, at, Math.min(at + 64, end))
  if (!/^-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----/.test(head)) return undefined
  const rest = Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at)
  const last = rest.indexOf('-----END ')
  if (last === -1) return spanOf(at, end)
  const close = rest.indexOf('-----', last + 9)
  return spanOf(at, close === -1 ? end : at + close + 5)
}

function spanOf(start: number, end: number): Span {
  span.start = start
  span.end = end
  return span
}
