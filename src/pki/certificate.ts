import { X509Certificate } from 'node:crypto'
import { AppError } from '../core/index.ts'
import { readSpiffeId } from './read-spiffe-id.ts'
import { renderSpiffeId } from './spiffe-id.ts'

/** What one wants to know of a certificate at a glance. */
export interface CertificateInfo {
  /** Milliseconds since the Unix epoch. */
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** Hexadecimal, lower case. */
  readonly serial: string
  /** SHA-256 of the certificate, hexadecimal with colons. */
  readonly fingerprint: string
  /** Absent where `readSpiffeId` would refuse the certificate. */
  readonly spiffeId?: string
}

/** Reads a certificate in PEM (the first, if there are several) or DER. Throws `invalid`. It verifies nothing. */
export function readCertificate(pemOrDer: string | Uint8Array): CertificateInfo {
  const certificate = parseCertificate(pemOrDer)
  const spiffeId = spiffeIdOf(certificate.raw)
  return {
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    serial: certificate.serialNumber.toLowerCase(),
    fingerprint: certificate.fingerprint256,
    ...(spiffeId === undefined ? {} : { spiffeId }),
  }
}

/** Node's own view of the certificate. Throws `invalid`. */
export function parseCertificate(pemOrDer: string | Uint8Array): X509Certificate {
  try {
    return new X509Certificate(pemOrDer)
  } catch (reason) {
    throw AppError.from(reason, 'invalid', 'read a certificate')
  }
}

function spiffeIdOf(der: Uint8Array): string | undefined {
  try {
    return renderSpiffeId(readSpiffeId(der))
  } catch {
    return undefined
  }
}
