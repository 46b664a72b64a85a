import path from 'node:path'
import { createStamp } from '../components/processors/stamp/index.ts'
import {
  createCertificateIdentity,
  createHubOtlpReceiver,
  type Identify,
  hubOtlpConfigSchema,
} from '../components/receivers/otlp/index.ts'
import { createElasticRoutes, openDocumentIds } from '../components/receivers/elastic/index.ts'
import { createLokiRoutes } from '../components/receivers/loki/index.ts'
import { createRemoteWriteRoutes } from '../components/receivers/remote-write/index.ts'
import { BufferPool, type Component, type Logger, type Metrics, systemClock } from '../core/index.ts'
import type { Fleet, FleetStatus } from '../fleet/index.ts'
import type { Consumer } from '../pipeline/index.ts'
import type { WriteReceiverOptions, WriteRoute } from '../pipeline/ingest/index.ts'
import { clusterByAuthority, loadTlsFiles, type TlsPaths, watchFiles } from '../pki/index.ts'
import type { HubIngest } from './hub-ingest.ts'

/** Memory of requests that is kept though none uses it. */
const FREE_BYTES = 32 * 1024 * 1024

export interface HubReceiverParts {
  readonly fleet: Fleet
  readonly status: FleetStatus
  /** The directory with `ca.crt`, `hub.crt`, `hub.key`. */
  readonly tlsDir: string
  /** The durable log. */
  readonly sink: Consumer
  readonly ingest: HubIngest
  readonly stateDir: string
  readonly log: Logger
  readonly metrics: Metrics
}

export interface HubReceivers {
  readonly components: readonly Component[]
  /** For the port where tokens say who sends. */
  readonly routes: readonly WriteRoute[]
}

/**
 * OTLP and the other receivers behind mutual TLS → stamp → durable log, with certificates that are taken over when their
 * files change.
 */
export async function createHubReceivers(parts: HubReceiverParts): Promise<HubReceivers> {
  const { fleet, status, sink, ingest, log, metrics } = parts
  const paths = tlsPaths(parts.tlsDir)
  let certificates = await loadTlsFiles(paths)
  const buffers = new BufferPool(FREE_BYTES)
  const next = createStamp({
    metrics,
    onOverwritten: (identity, count) => status.overwritten(identity, count),
    next: sink,
    buffers,
  })
  const receiver: WriteReceiverOptions = {
    clock: systemClock,
    next,
    maxRequestBytes: fleet.hub.ingest.maxRequestSize,
    windowOf: ingest.windowOf,
    onRejected: ingest.onRejected,
  }
  const ids = await openDocumentIds({ dir: path.join(parts.stateDir, 'elastic-ids'), log })
  const routes: WriteRoute[] = [
    ...createRemoteWriteRoutes(receiver),
    ...createLokiRoutes(receiver),
    ...createElasticRoutes({ ...receiver, ids }),
  ]
  const otlp = createHubOtlpReceiver({
    config: { ...hubOtlpConfigSchema.parse({}), maxRequestSize: fleet.hub.ingest.maxRequestSize },
    gate: ingest.gate,
    windowOf: ingest.windowOf,
    writeMeters: ingest.meters,
    routes,
    buffers,
    listen: { grpc: fleet.hub.listen.otlpGrpc, http: fleet.hub.listen.otlpHttp },
    certificates,
    identify: tellStatus(
      createCertificateIdentity({
        trustDomain: fleet.trustDomain,
        lookup: (cluster) => fleet.cluster(cluster),
        clock: systemClock,
      }),
      status,
    ),
    onRefused: (refusal) => {
      // A certificate of ours that has ended still says for sure whose it was: that cluster is cut off.
      const cluster = refusal.certificate && clusterByAuthority(refusal.certificate, certificates.ca, fleet.trustDomain)
      status.refused({ ...refusal, ...(cluster === undefined ? {} : { cluster }) })
    },
    onReport: (identity, report) => status.report(identity, report),
    onConnected: (identity) => status.connected(identity),
    onDisconnected: (identity) => status.disconnected(identity),
    onRejected: (identity, rejected) => ingest.onRejected(identity, 'otlp', rejected),
    onBodyRejected: ingest.onRejected,
    next,
    clock: systemClock,
    log,
    metrics,
  })
  const takeOver = async (): Promise<void> => {
    const next = await loadTlsFiles(paths)
    otlp.setCertificates(next)
    certificates = next
  }
  return {
    components: [
      { name: 'document ids', start: () => Promise.resolve(), shutdown: () => ids.close() },
      otlp,
      watchCertificates(paths, takeOver, log),
    ],
    routes: [...otlp.routes, ...routes],
  }
}

function tlsPaths(dir: string): TlsPaths {
  return { ca: path.join(dir, 'ca.crt'), cert: path.join(dir, 'hub.crt'), key: path.join(dir, 'hub.key') }
}

/** Whoever is let in has shown a certificate: the fleet page shows when it ends. */
function tellStatus(identify: Identify, status: FleetStatus): Identify {
  return (peer) => {
    const verdict = identify(peer)
    if (verdict.t === 'known') status.presented(verdict.identity, peer)
    return verdict
  }
}

function watchCertificates({ ca, cert, key }: TlsPaths, onChange: () => Promise<void>, log: Logger): Component {
  const stop = new AbortController()
  let watching: Promise<void> = Promise.resolve()
  return {
    name: 'certificate files',
    start: () => {
      const onError = (error: Error): void => log.error({ error: error.message }, 'certificates not taken over')
      watching = watchFiles([ca, cert, key], onChange, { signal: stop.signal, onError })
      return Promise.resolve()
    },
    shutdown: async () => {
      stop.abort()
      await watching
    },
  }
}
