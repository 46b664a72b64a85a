import { isIP } from 'node:net'
import { z } from 'zod'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i

/**
 * Names of clusters, environments, tenants and the like become labels, file names and parts of certificates, so they
 * are what all of these can hold: a DNS label (RFC 1123).
 */
export const nameSchema = z
  .string()
  .regex(LABEL, 'expected a name of lower-case letters, digits and hyphens, 63 at most, such as dev-uaenorth')

/** What a certificate can be for: a DNS name or an IP address. */
export const hostSchema = z.string().refine(isHost, 'expected a DNS name or an IP address')

export function isHost(text: string): boolean {
  return isIP(text) !== 0 || DNS_NAME.test(text)
}
