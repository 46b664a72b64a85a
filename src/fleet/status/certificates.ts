import { type CertificateInfo, readCertificate } from '../../pki/index.ts'

/** A certificate as a connection shows it. */
export interface PresentedCertificate {
  readonly serial: string
  readonly der: Uint8Array
}

const MAX_CERTIFICATES = 16
/** Connections are made anew every minute, with the certificate of the day: one not seen for this long is replaced. */
const SEEN_LATELY_MS = 120_000

interface Seen {
  readonly info: CertificateInfo
  seenAtMs: number
}

/** The certificates that a cluster's edges present; each edge may have its own. */
export class Certificates {
  readonly #seen = new Map<string, Seen>()

  /** Returns the certificate if it is new and not the first. Cheap when it is known: it may be asked at each request. */
  add(presented: PresentedCertificate, nowMs: number): CertificateInfo | undefined {
    const known = this.#seen.get(presented.serial)
    if (known !== undefined) {
      known.seenAtMs = nowMs
      return undefined
    }
    const isFirst = this.#seen.size === 0
    const info = readCertificate(presented.der)
    if (this.#seen.size >= MAX_CERTIFICATES) this.#forgetOldest()
    this.#seen.set(presented.serial, { info, seenAtMs: nowMs })
    return isFirst ? undefined : info
  }

  /** Of those in use, the one that ends first; when none is in use, the one that was last. */
  current(nowMs: number): CertificateInfo | undefined {
    // Newest first, for those seen at the same moment.
    const all = [...this.#seen.values()].reverse()
    const inUse = all.filter(({ seenAtMs }) => nowMs - seenAtMs < SEEN_LATELY_MS)
    if (inUse.length > 0) return inUse.sort((a, b) => a.info.notAfterMs - b.info.notAfterMs)[0]?.info
    return all.sort((a, b) => b.seenAtMs - a.seenAtMs)[0]?.info
  }

  #forgetOldest(): void {
    const [oldest] = [...this.#seen].sort(([, a], [, b]) => a.seenAtMs - b.seenAtMs)
    if (oldest !== undefined) this.#seen.delete(oldest[0])
  }
}
