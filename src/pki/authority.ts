import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import type { JsonName, X509Certificate } from '@peculiar/x509'
import { AppError, type Clock, systemClock } from '../core/index.ts'
import { isTrustDomain, parseSpiffeId } from './spiffe-id.ts'

/** A certificate authority: its certificate, and the key that must not leave it. */
export interface Authority {
  readonly trustDomain: string
  readonly certificatePem: string
  readonly keyPem: string
}

/** What a certificate says and for how long. At least one name. */
export interface CertificateSpec {
  /** `spiffe://trust-domain/path`, within the authority's trust domain. */
  readonly spiffeId?: string
  readonly dnsNames?: readonly string[]
  readonly ips?: readonly string[]
  /** May be a fraction; it never outlives the authority. */
  readonly days: number
}

export interface IssuedCertificate {
  readonly certificatePem: string
  readonly keyPem: string
}

const DAY_MS = 86_400_000
/** Clocks of a fleet differ: a certificate must not be refused for being younger than somebody's clock. */
const BACKDATE_MS = 5 * 60_000
const DNS_NAME = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Makes a new authority (P-256, ten years by default) for the trust domain. */
export async function createAuthority(options: {
  readonly trustDomain: string
  readonly days?: number
  readonly clock?: Clock
}): Promise<Authority> {
  const { trustDomain, days = 3650, clock = systemClock } = options
  if (!isTrustDomain(trustDomain)) throw new AppError('invalid', `${JSON.stringify(trustDomain)} is no trust domain`)
  const x509 = await loadX509()
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: makeSerial(),
    name: nameOf(`${trustDomain} authority`),
    notBefore: new Date(clock.now() - BACKDATE_MS),
    notAfter: new Date(clock.now() + days * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: `spiffe://${trustDomain}` }]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { trustDomain, certificatePem: pemOf(certificate), keyPem: await exportKey(keys.privateKey) }
}

/**
 * Issues a leaf certificate with a new P-256 key by the rules of the X509-SVID standard: one URI at most, no
 * authority, digital signatures only, usable by both ends of a connection.
 */
export async function issueCertificate(
  authority: Authority,
  spec: CertificateSpec,
  clock: Clock = systemClock,
): Promise<IssuedCertificate> {
  checkSpec(authority, spec)
  const x509 = await loadX509()
  const issuer = new x509.X509Certificate(authority.certificatePem)
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: makeSerial(),
    subject: nameOf(spec.spiffeId?.split('/').at(-1) ?? spec.dnsNames?.[0] ?? spec.ips?.[0] ?? ''),
    issuer: issuer.subjectName,
    notBefore: new Date(clock.now() - BACKDATE_MS),
    notAfter: new Date(Math.min(clock.now() + spec.days * DAY_MS, issuer.notAfter.getTime())),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await importSigningKey(authority.keyPem),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...(spec.spiffeId === undefined ? [] : [{ type: 'url' as const, value: spec.spiffeId }]),
        ...(spec.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
        ...(spec.ips ?? []).map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(await issuer.publicKey.export()),
    ],
  })
  return { certificatePem: pemOf(certificate), keyPem: await exportKey(keys.privateKey) }
}

function checkSpec(authority: Authority, spec: CertificateSpec): void {
  if (spec.spiffeId === undefined && (spec.dnsNames ?? []).length + (spec.ips ?? []).length === 0) {
    throw new AppError('invalid', 'a certificate needs a SPIFFE id, a DNS name or an IP address')
  }
  if (!(spec.days > 0)) throw new AppError('invalid', 'a certificate needs days to live')
  const badName = (spec.dnsNames ?? []).find((name) => !DNS_NAME.test(name))
  if (badName !== undefined) throw new AppError('invalid', `${JSON.stringify(badName)} is no DNS name`)
  const badIp = (spec.ips ?? []).find((ip) => isIP(ip) === 0)
  if (badIp !== undefined) throw new AppError('invalid', `${JSON.stringify(badIp)} is no IP address`)
  if (spec.spiffeId === undefined) return
  const id = parseSpiffeId(spec.spiffeId)
  if (id === undefined)
    throw new AppError('invalid', `${JSON.stringify(spec.spiffeId)} is no spiffe://trust-domain/path`)
  if (id.trustDomain !== authority.trustDomain) {
    throw new AppError('invalid', `${spec.spiffeId} is not of the trust domain ${authority.trustDomain}`)
  }
}

/**
 * The library that builds certificates takes 20 MB of memory. It is loaded by whoever issues one, which an edge
 * never does.
 */
async function loadX509() {
  await import('reflect-metadata')
  return await import('@peculiar/x509')
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString()
}

async function importSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' })
  return await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign'])
}

/** 128 random bits, positive and not zero (RFC 5280, section 4.1.2.2). */
function makeSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

function nameOf(commonName: string): JsonName {
  return [{ O: ['Fleetglass'] }, { CN: [commonName.slice(0, 64)] }]
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}
