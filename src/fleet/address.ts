import { isIPv6 } from 'node:net'
import { z } from 'zod'
import { isHost } from './names.ts'

/** A host and a port. As a place to listen, port 0 lets the system choose. */
export interface Address {
  readonly host: string
  readonly port: number
}

const LOOPBACK = '127.0.0.1'

/** `4317` or `0.0.0.0:4317`. A port alone listens on loopback: to be reachable from elsewhere is a decision. */
export const listenSchema = z
  .union([z.int().min(0).max(65_535), z.string()], { error: 'expected a port, or host:port' })
  .transform((value, context): Address => {
    const address = typeof value === 'number' ? { host: LOOPBACK, port: value } : parseAddress(value)
    if (address !== undefined) return address
    context.issues.push({ code: 'custom', input: value, message: 'expected a port, or host:port such as 0.0.0.0:4317' })
    return z.NEVER
  })

/** `hub.example.com:4317`: somewhere to connect to. */
export const addressSchema = z.string().transform((value, context): Address => {
  const address = parseAddress(value)
  if (address !== undefined && address.port > 0) return address
  context.issues.push({ code: 'custom', input: value, message: 'expected host:port, such as hub.example.com:4317' })
  return z.NEVER
})

/** `host:port`, with brackets around an IPv6 address; undefined if the text is anything else. */
function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:]+)):(\d{1,5})$/.exec(text)
  if (match === null) return undefined
  const [, v6, name, port] = match
  const host = v6 ?? name ?? ''
  const isGood = v6 === undefined ? isHost(host) : isIPv6(v6)
  return isGood && Number(port) <= 65_535 ? { host, port: Number(port) } : undefined
}

export function renderAddress({ host, port }: Address): string {
  return isIPv6(host) ? `[${host}]:${String(port)}` : `${host}:${String(port)}`
}
