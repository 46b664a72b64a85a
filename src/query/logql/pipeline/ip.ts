import { isIP } from 'node:net'
import { AppError } from '../../../core/index.ts'

interface Address {
  readonly version: 4 | 6
  readonly value: bigint
}

interface AddressRange {
  readonly version: 4 | 6
  readonly first: bigint
  readonly last: bigint
}

/** A test whether a text holds an address of the set: one (`10.0.0.1`), a range (`a-b`) or a network (`10.0.0.0/8`). */
export function compileAddresses(pattern: string): (text: string) => boolean {
  const range = parseAddresses(pattern)
  if (range === undefined) throw new AppError('invalid', `ip: invalid pattern: ${JSON.stringify(pattern)}`)
  const isMember = (text: string): boolean => {
    const address = parseAddress(text)
    return (
      address !== undefined &&
      address.version === range.version &&
      address.value >= range.first &&
      address.value <= range.last
    )
  }
  return (text) => findsAddress(text, isMember)
}

function parseAddresses(pattern: string): AddressRange | undefined {
  const single = parseAddress(pattern)
  if (single !== undefined) return { version: single.version, first: single.value, last: single.value }
  const [before = '', after = '', ...more] = pattern.split(pattern.includes('/') ? '/' : '-')
  const first = parseAddress(before)
  if (first === undefined || more.length > 0) return undefined
  if (pattern.includes('/')) return parseNetwork(first, after)
  const last = parseAddress(after)
  if (last?.version !== first.version || last.value < first.value) return undefined
  return { version: first.version, first: first.value, last: last.value }
}

function parseNetwork({ version, value }: Address, bits: string): AddressRange | undefined {
  const size = version === 4 ? 32 : 128
  if (!/^(?:0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > size) return undefined
  const hosts = 1n << BigInt(size - Number(bits))
  const first = value - (value % hosts)
  return { version, first, last: first + hosts - 1n }
}

function parseAddress(text: string): Address | undefined {
  const version = isIP(text)
  if (version === 4) return { version, value: valueOfV4(text) }
  return version === 6 && !text.includes('%') ? { version, value: valueOfV6(text) } : undefined
}

function valueOfV4(text: string): bigint {
  return text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n)
}

function valueOfV6(text: string): bigint {
  const colon = text.lastIndexOf(':')
  const tail = text.slice(colon + 1)
  const v4 = tail.includes('.') ? valueOfV4(tail) : undefined
  const plain =
    v4 === undefined ? text : `${text.slice(0, colon + 1)}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`
  const [head = '', rest] = plain.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const before = groups(head)
  const after = rest === undefined ? [] : groups(rest)
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].reduce((value, group) => (value << 16n) + BigInt(`0x${group}`), 0n)
}

const V4_HINT = /[0-9](?:\.|[^]\.|[^]{2}\.)/y
const V6_HINT = /(?:::[0-9a-fA-F]|[0-9a-fA-F](?::|[^]:|[^]{2}:|[^]{3}:))/y
const V4_CHARACTERS = /[0-9.]+/y
const V6_CHARACTERS = /[0-9a-fA-F:.]+/y

/** Looks at what could be an address, from left to right, as Loki does it. */
function findsAddress(text: string, isMember: (text: string) => boolean): boolean {
  for (let at = 0; at < text.length; at++) {
    const characters = at + 3 < text.length && tests(V4_HINT, text, at) ? V4_CHARACTERS : V6_CHARACTERS
    if (characters === V6_CHARACTERS && !(at + 4 < text.length && tests(V6_HINT, text, at))) continue
    characters.lastIndex = at
    const candidate = characters.exec(text)?.[0] ?? ''
    if (isMember(candidate)) return true
    at += candidate.length
  }
  return false
}

function tests(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at
  return pattern.test(text)
}
