import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { AppError } from '../core/index.ts'
import { type CertificateInfo, parseCertificate, readCertificate } from './certificate.ts'

/** Where one end of a mutual TLS connection finds its files. */
export interface TlsPaths {
  /** The authorities whose certificates it accepts; several may stand in the file. */
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** The files' content, in the names that node:tls gives them. */
export interface TlsMaterial {
  readonly ca: Buffer
  readonly cert: Buffer
  readonly key: Buffer
  readonly certificate: CertificateInfo
}

/**
 * Reads the files. Throws `unavailable` where they cannot be used but may be in a moment: a file is missing, or key
 * and certificate do not belong together because they are just being replaced.
 */
export async function loadTlsFiles(paths: TlsPaths): Promise<TlsMaterial> {
  let ca, cert, key: Buffer
  try {
    ;[ca, cert, key] = await Promise.all([readFile(paths.ca), readFile(paths.cert), readFile(paths.key)])
  } catch (reason) {
    throw AppError.from(reason, 'unavailable', 'read the TLS files')
  }
  if (!fitTogether(cert, key)) {
    throw new AppError('unavailable', `the key ${paths.key} is not the key of the certificate ${paths.cert}`)
  }
  return { ca, cert, key, certificate: readCertificate(cert) }
}

/** Whether both can be read and the certificate is the key's. */
export function fitTogether(cert: Uint8Array | string, key: Buffer | string): boolean {
  try {
    return parseCertificate(cert).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}
