import { BlockList, isIPv4, isIPv6 } from 'node:net'

const PREFIX = /^([^/%]+)\/(0|[1-9]\d{0,2})$/

/** A prefix of addresses (`10.0.0.0/8`, `2001:db8::/32`); bits behind its length do not count. */
interface Prefix {
  readonly address: string
  readonly length: number
  readonly family: 'ipv4' | 'ipv6'
}

/** Undefined when the text is no prefix. */
export function parsePrefix(text: string): Prefix | undefined {
  const [, address = '', digits = ''] = PREFIX.exec(text) ?? []
  const length = Number(digits)
  if (isIPv4(address) && length <= 32) return { address, length, family: 'ipv4' }
  return isIPv6(address) && length <= 128 ? { address, length, family: 'ipv6' } : undefined
}

/** Tells of texts whether they are addresses within one of the prefixes; an IPv4 address in IPv6 form is that of IPv4. */
export function prefixTest(prefixes: readonly string[]): (text: string) => boolean {
  const within = new BlockList()
  for (const text of prefixes) {
    const prefix = parsePrefix(text)
    if (prefix !== undefined) within.addSubnet(prefix.address, prefix.length, prefix.family)
  }
  return (text) => {
    if (isIPv4(text)) return within.check(text, 'ipv4')
    return isIPv6(text) && !text.includes('%') && within.check(text, 'ipv6')
  }
}
