import { AppError } from '../core/index.ts'
import { DER, type DerValue, readDerSequence, readDerValues } from './der.ts'
import { parseSpiffeId, type SpiffeId } from './spiffe-id.ts'

/**
 * Where things stand in a certificate (RFC 5280, section 4.1):
 *
 *     Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }
 *     tbsCertificate ::= SEQUENCE { [0] version, serial, signature, issuer, validity, subject, key, …, [3] extensions }
 *     extensions ::= SEQUENCE OF SEQUENCE { OID, critical BOOLEAN DEFAULT FALSE, OCTET STRING }
 */
const EXTENSIONS_TAG = 0xa3
const URI_TAG = 0x86
const URI_CONSTRUCTED_TAG = 0xa6
const SUBJECT_ALT_NAME = '551d11'
const BASIC_CONSTRAINTS = '551d13'
const KEY_USAGE = '551d0f'

const DIGITAL_SIGNATURE = 0x80
const KEY_CERT_SIGN = 0x04
const CRL_SIGN = 0x02

/**
 * The SPIFFE id of a leaf certificate, read from its bytes: the text forms that TLS libraries offer can be forged by
 * names that contain their separators. It checks what the X509-SVID standard (sections 2, 4 and 5.2) asks of a leaf; the
 * chain and the times are TLS's business and must have been checked before. Throws `forbidden`, saying why.
 */
export function readSpiffeId(der: Uint8Array): SpiffeId {
  const extensions = readExtensions(der)
  refuseSigningCertificate(extensions)
  const uris = readUris(extensions.get(SUBJECT_ALT_NAME))
  const [uri, ...others] = uris
  if (uri === undefined) throw refusal('it has no URI among its names')
  if (others.length > 0) throw refusal(`it has ${String(uris.length)} URIs among its names, and one is allowed`)
  const id = parseSpiffeId(uri)
  if (id === undefined) throw refusal(`its URI ${JSON.stringify(uri.slice(0, 200))} is no spiffe://trust-domain/path`)
  return id
}

function readExtensions(der: Uint8Array): Map<string, Uint8Array> {
  return reading('its structure', () => {
    const [tbs] = readDerSequence(der)
    if (tbs?.tag !== DER.sequence) throw new RangeError('has no body')
    const tagged = readDerValues(tbs.content).filter((value) => value.tag === EXTENSIONS_TAG)
    const [list] = tagged
    if (list === undefined) return new Map<string, Uint8Array>()
    if (tagged.length > 1) throw new RangeError('has two lists of extensions')
    const extensions = new Map<string, Uint8Array>()
    for (const extension of readDerSequence(list.content)) {
      const [oid, content] = readExtension(extension)
      if (extensions.has(oid)) throw new RangeError('has an extension twice')
      extensions.set(oid, content)
    }
    return extensions
  })
}

function readExtension(extension: DerValue): readonly [oid: string, content: Uint8Array] {
  if (extension.tag !== DER.sequence) throw new RangeError('has an extension that is no sequence')
  const [oid, ...rest] = readDerValues(extension.content)
  const octets = rest.at(-1)
  const shape = rest.length === 1 || (rest.length === 2 && rest[0]?.tag === DER.boolean)
  if (!shape || oid?.tag !== DER.oid || octets?.tag !== DER.octetString)
    throw new RangeError('has a malformed extension')
  return [Buffer.from(oid.content).toString('hex'), octets.content]
}

function readUris(subjectAltName: Uint8Array | undefined): string[] {
  if (subjectAltName === undefined) return []
  return reading('its names', () =>
    readDerSequence(subjectAltName)
      .filter((name) => name.tag === URI_TAG || name.tag === URI_CONSTRUCTED_TAG)
      .map((name) => {
        if (name.tag === URI_CONSTRUCTED_TAG) throw new RangeError('has a URI in parts')
        return Buffer.from(name.content).toString('latin1')
      }),
  )
}

/** A certificate that may sign others must not speak for itself. */
function refuseSigningCertificate(extensions: ReadonlyMap<string, Uint8Array>): void {
  const constraints = extensions.get(BASIC_CONSTRAINTS)
  const isAuthority = reading(
    'its basic constraints',
    () =>
      constraints !== undefined &&
      readDerSequence(constraints).some((value) => value.tag === DER.boolean && value.content[0] !== 0),
  )
  if (isAuthority) throw refusal('it is a certificate of an authority, not of a cluster')
  const usage = readKeyUsage(extensions.get(KEY_USAGE))
  if ((usage & (KEY_CERT_SIGN | CRL_SIGN)) !== 0) throw refusal('its key may sign certificates')
  if ((usage & DIGITAL_SIGNATURE) === 0) throw refusal('its key may not be used for digital signatures')
}

function readKeyUsage(extension: Uint8Array | undefined): number {
  if (extension === undefined) return 0
  return reading('its key usage', () => {
    const [bits, ...rest] = readDerValues(extension)
    if (bits?.tag !== DER.bitString || rest.length > 0) throw new RangeError('is no bit string')
    return bits.content[1] ?? 0
  })
}

function reading<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (reason) {
    throw new AppError('forbidden', `refused the certificate: ${what} cannot be read`, { cause: reason })
  }
}

function refusal(why: string): AppError {
  return new AppError('forbidden', `refused the certificate: ${why}`)
}
