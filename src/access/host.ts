import { isIPv4 } from 'node:net'

/**
 * Whether a Host header names this machine or a configured name. A page on the internet can let its own name point to
 * 127.0.0.1 (DNS rebinding); the browser then sends that name here, and callers without credentials must be refused.
 */
export function isTrustedHost(header: string | undefined, hostNames: readonly string[]): boolean {
  const name = hostName(header ?? '')
  if (name === undefined) return false
  if (name === 'localhost' || name === '::1') return true
  if (isIPv4(name) && name.startsWith('127.')) return true
  return hostNames.some((trusted) => trusted.toLowerCase() === name)
}

/** The name without port and brackets, in lower case; undefined when the header is malformed. */
function hostName(header: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header)
  return (match?.[1] ?? match?.[2])?.toLowerCase()
}
