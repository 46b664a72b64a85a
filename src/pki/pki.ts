import type { X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { isIPv6, SocketAddress } from 'node:net'
import { join } from 'node:path'
import { AppError, type Clock, systemClock, systemCode } from '../core/index.ts'
import { writeFileAtomically } from './atomic-file.ts'
import { type Authority, type CertificateSpec, createAuthority, issueCertificate } from './authority.ts'
import { type CertificateInfo, parseCertificate, readCertificate } from './certificate.ts'
import { fitTogether, type TlsPaths } from './tls-files.ts'

/** An authority and the certificates it has issued, as files of one directory. */
export interface Pki {
  readonly trustDomain: string
  readonly authority: CertificateInfo
  /** Where the files of the name are, or will be. */
  paths(name: string): TlsPaths
  /**
   * Issues a certificate unless a good one is there already: of this authority, by this spec, and with more than
   * `renewBeforeMs` left (a third of its life if not given).
   */
  ensureCertificate(name: string, spec: CertificateSpec, renewBeforeMs?: number): Promise<EnsuredCertificate>
}

export interface EnsuredCertificate {
  readonly paths: TlsPaths
  readonly certificate: CertificateInfo
  readonly issued: boolean
}

const PUBLIC = 0o644
const PRIVATE = 0o600
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Opens the directory, or makes it with a new authority. Files: `ca.crt`, `ca.key`, and for each name `<name>.crt`
 * and `<name>.key`. Throws `conflict` if what is there belongs to another trust domain or is incomplete: an authority
 * that edges trust is never replaced silently.
 */
export async function openPki(
  directory: string,
  options: { readonly trustDomain: string; readonly clock?: Clock },
): Promise<Pki> {
  const { trustDomain, clock = systemClock } = options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const authority = await openAuthority(directory, trustDomain, clock)
  const paths = (name: string): TlsPaths => {
    if (!NAME.test(name) || name === 'ca')
      throw new AppError('invalid', `${JSON.stringify(name)} cannot name a certificate`)
    return { ca: join(directory, 'ca.crt'), cert: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) }
  }
  return {
    trustDomain,
    authority: readCertificate(authority.certificatePem),
    paths,
    ensureCertificate: async (name, spec, renewBeforeMs) => {
      const files = paths(name)
      const present = await readIfGood(authority, files, spec)
      if (present !== undefined) {
        const keepUntil = present.notAfterMs - (renewBeforeMs ?? (present.notAfterMs - present.notBeforeMs) / 3)
        if (clock.now() < keepUntil) return { paths: files, certificate: present, issued: false }
      }
      const issued = await issueCertificate(authority, spec, clock)
      // Whoever reads between the two writes sees that they do not fit together, and reads again.
      await writeFileAtomically(files.key, issued.keyPem, PRIVATE)
      await writeFileAtomically(files.cert, issued.certificatePem, PUBLIC)
      return { paths: files, certificate: readCertificate(issued.certificatePem), issued: true }
    },
  }
}

async function openAuthority(directory: string, trustDomain: string, clock: Clock): Promise<Authority> {
  const certPath = join(directory, 'ca.crt')
  const keyPath = join(directory, 'ca.key')
  const certificatePem = await readIfThere(certPath)
  const keyPem = await readIfThere(keyPath)
  if (certificatePem === undefined) {
    // The key is written first, so a key alone was never used: a crash came between.
    const made = await createAuthority({ trustDomain, clock })
    await writeFileAtomically(keyPath, made.keyPem, PRIVATE)
    await writeFileAtomically(certPath, made.certificatePem, PUBLIC)
    return made
  }
  if (keyPem === undefined || !fitTogether(certificatePem, keyPem)) {
    throw new AppError('conflict', `${keyPath} is not the key of ${certPath}: restore it, or remove both to begin anew`)
  }
  const names = parseCertificate(certificatePem).subjectAltName ?? ''
  if (names !== `URI:spiffe://${trustDomain}`) {
    throw new AppError('conflict', `${certPath} is the authority of ${names}, not of spiffe://${trustDomain}`)
  }
  if (readCertificate(certificatePem).notAfterMs <= clock.now()) {
    throw new AppError('conflict', `the authority in ${certPath} has ended: remove ${directory} to begin anew`)
  }
  return { trustDomain, certificatePem, keyPem }
}

/** The certificate in the files, if it is this authority's, fits its key and says what the spec says. */
async function readIfGood(
  authority: Authority,
  files: TlsPaths,
  spec: CertificateSpec,
): Promise<CertificateInfo | undefined> {
  const [pem, key] = await Promise.all([readIfThere(files.cert), readIfThere(files.key)])
  if (pem === undefined || key === undefined || !fitTogether(pem, key)) return undefined
  const certificate = parseCertificate(pem)
  const issuer = parseCertificate(authority.certificatePem)
  if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) return undefined
  if (namesIn(certificate).join() !== namesOf(spec).join()) return undefined
  const info = readCertificate(pem)
  return livesAsLongAs(info, spec, readCertificate(authority.certificatePem)) ? info : undefined
}

/** Subject alternative names as OpenSSL prints them, in one order. */
function namesIn(certificate: X509Certificate): string[] {
  const names = (certificate.subjectAltName ?? '').split(', ')
  return names.map((name) => (name.startsWith(IP_PREFIX) ? ipName(name.slice(IP_PREFIX.length)) : name)).sort()
}

function namesOf(spec: CertificateSpec): string[] {
  const uris = spec.spiffeId === undefined ? [] : [`URI:${spec.spiffeId}`]
  return [...uris, ...(spec.dnsNames ?? []).map((name) => `DNS:${name}`), ...(spec.ips ?? []).map(ipName)].sort()
}

const IP_PREFIX = 'IP Address:'

/** An IPv6 address has many spellings; this is one of them. */
function ipName(ip: string): string {
  return `${IP_PREFIX}${isIPv6(ip) ? new SocketAddress({ address: ip, family: 'ipv6' }).address : ip}`
}

/** Whether it was issued for the days of the spec, give or take the allowance for clocks, or up to the authority's end. */
function livesAsLongAs(info: CertificateInfo, spec: CertificateSpec, authority: CertificateInfo): boolean {
  const extraMs = info.notAfterMs - info.notBeforeMs - spec.days * 86_400_000
  return (extraMs >= 0 && extraMs < 600_000) || (extraMs < 0 && info.notAfterMs === authority.notAfterMs)
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (reason) {
    if (systemCode(reason) === 'ENOENT') return undefined
    throw AppError.from(reason, 'unavailable', `read ${path}`)
  }
}
