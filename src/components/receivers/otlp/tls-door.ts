import { constants } from 'node:crypto'
import type { DropArgument } from 'node:net'
import type tls from 'node:tls'
import { type Peer, type Refusal, type RefusalReason, toPeer } from './caller.ts'

/** What a TLS server needs to know senders and to be known by them, as PEM. */
export interface ServerCertificates {
  readonly ca: string | Buffer
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

/** Told of every refusal. */
export type OnRefused = (refusal: Refusal) => void

const HANDSHAKE_TIMEOUT_MS = 10_000

/**
 * Mutual TLS 1.3 and nothing older. A client that fails is let through the handshake on purpose and then shown the
 * door by `admit`: only so can we say why. Without tickets nobody comes back on the strength of an old handshake.
 */
export function tlsOptions(certificates: ServerCertificates, protocol: 'h2' | 'http/1.1'): tls.TlsOptions {
  return {
    ...certificates,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    ALPNProtocols: [protocol],
    secureOptions: constants.SSL_OP_NO_TICKET,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  }
}

/**
 * Watches a TLS server's door. `admit` says whether a connection may go on; if not it has been destroyed, before a
 * byte of what it carries was looked at, and `onRefused` has been told why.
 */
export class TlsDoor {
  readonly #onRefused: OnRefused
  readonly #onAdmitted: (peer: Peer) => () => void
  readonly #maxPerClient: number
  /** Open connections by the certificate's fingerprint. */
  readonly #open = new Map<string, number>()

  constructor(options: {
    readonly onRefused: OnRefused
    /** Told of every connection that is let in; what it returns is called when the connection ends. */
    readonly onAdmitted: (peer: Peer) => () => void
    readonly maxPerClient: number
  }) {
    this.#onRefused = options.onRefused
    this.#onAdmitted = options.onAdmitted
    this.#maxPerClient = options.maxPerClient
  }

  /** Reports handshakes that fail by themselves and connections over the server's limit. */
  watch(server: tls.Server): void {
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      // Somebody who only looks whether the port is open (a health check) is no refusal.
      if (error.code === 'ECONNRESET') return
      this.#refuse('handshake', error.code ?? error.message, socket)
    })
    server.on('drop', (data: DropArgument | undefined) => {
      const detail = 'the limit on connections is reached'
      this.#onRefused({ reason: 'too_many_connections', detail, remote: data?.remoteAddress ?? 'unknown' })
    })
  }

  admit(socket: tls.TLSSocket): boolean {
    const certificate = socket.getPeerCertificate()
    // The type does not say that it is empty if the client showed none.
    if ((certificate.raw as Buffer | undefined) === undefined) {
      return this.#refuse('no_certificate', 'show a certificate of the fleet', socket)
    }
    if (!socket.authorized) {
      const code = String(socket.authorizationError)
      return this.#refuse(REASONS[code] ?? 'invalid_certificate', code, socket)
    }
    const peer = toPeer(certificate)
    const { fingerprint } = peer
    const open = (this.#open.get(fingerprint) ?? 0) + 1
    if (open > this.#maxPerClient) {
      return this.#refuse('too_many_connections', `${String(open)} with one certificate`, socket)
    }
    this.#open.set(fingerprint, open)
    const onEnded = this.#onAdmitted(peer)
    socket.once('close', () => {
      onEnded()
      const left = (this.#open.get(fingerprint) ?? 1) - 1
      if (left > 0) this.#open.set(fingerprint, left)
      else this.#open.delete(fingerprint)
    })
    return true
  }

  #refuse(reason: RefusalReason, detail: string, socket: tls.TLSSocket): false {
    // The type does not say that it is empty if the client showed none.
    const certificate = socket.getPeerCertificate().raw as Buffer | undefined
    const shown = certificate === undefined ? {} : { certificate }
    this.#onRefused({ reason, detail, remote: socket.remoteAddress ?? 'unknown', ...shown })
    socket.destroy()
    return false
  }
}

/** OpenSSL's verdicts on a chain. */
const REASONS: Readonly<Record<string, RefusalReason>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not_yet_valid',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown_authority',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown_authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown_authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown_authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknown_authority',
  CERT_SIGNATURE_FAILURE: 'unknown_authority',
}
