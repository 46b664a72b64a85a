import type { Duplex } from 'node:stream'
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { AppError } from '../../../core/index.ts'
import type { EdgeReport, Identity, PayloadFormat, Signal } from '../../../model/index.ts'
import { encodePartialSuccess, OTLP_SUCCESS, type PartialSuccess } from '../../../wire/index.ts'
import { BATCH_ID_HEADER, COLLECTED_AT_HEADER, textIn } from './batch-headers.ts'
import { parseEdgeReport } from './edge-report.ts'
import { createGrpcGuard, type GrpcGuardOptions } from './grpc-guard.ts'
import { toGrpcStatus } from './grpc-status.ts'
import type { Intake } from './intake.ts'

export interface GrpcServerOptions extends Omit<GrpcGuardOptions, 'identities' | 'takesAnnouncements'> {
  readonly maxConnectionAgeMs?: number | undefined
  /** On the hub: what edges tell about themselves. */
  readonly onReport?: ((identity: Identity, report: EdgeReport) => void) | undefined
}

/** Takes connections over, whoever accepted them. */
export interface GrpcServer {
  accept(socket: Duplex): void
  /** Lets calls under way finish, as long as the signal allows. */
  shutdown(signal: AbortSignal): Promise<void>
}

type Call = ServerUnaryCall<Buffer, Uint8Array>

const OTLP_SERVICES: Readonly<Record<Signal, string>> = {
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
}
const WRITE_METRICS = '/fleetglass.v1.Ingest/WriteMetrics'
const REPORT = '/fleetglass.v1.Ingest/Report'

const MAX_CONCURRENT_STREAMS = 100
const MAX_METADATA_BYTES = 16_384
const KEEPALIVE_TIME_MS = 30_000
const KEEPALIVE_TIMEOUT_MS = 10_000
const CONNECTION_GRACE_MS = 20_000

/**
 * OTLP over gRPC with messages left as bytes. Where ids are taken (on the hub), remote write 2.0 and the edges'
 * reports have methods beside OTLP's own.
 */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const { intake, onReport, maxRequestBytes, maxConnectionAgeMs } = options
  const identities = new WeakMap<Metadata, Identity>()
  const server = new Server({
    interceptors: [createGrpcGuard({ ...options, identities, takesAnnouncements: onReport !== undefined })],
    'grpc.max_receive_message_length': maxRequestBytes,
    'grpc.max_concurrent_streams': MAX_CONCURRENT_STREAMS,
    'grpc.max_metadata_size': MAX_METADATA_BYTES,
    'grpc.keepalive_time_ms': KEEPALIVE_TIME_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.enable_channelz': 0,
    ...(maxConnectionAgeMs === undefined
      ? {}
      : {
          'grpc.max_connection_age_ms': maxConnectionAgeMs,
          'grpc.max_connection_age_grace_ms': CONNECTION_GRACE_MS,
        }),
  })

  const identityOf = (call: Call): Identity => {
    const identity = identities.get(call.metadata)
    if (identity === undefined) throw new AppError('internal', 'BUG: a call that passed no guard')
    return identity
  }
  const submit = (signal: Signal, format: PayloadFormat) => (call: Call) =>
    intake.submit({
      identity: identityOf(call),
      signal,
      format,
      read: () => call.request,
      batchId: textIn(call.metadata, BATCH_ID_HEADER),
      collectedAt: textIn(call.metadata, COLLECTED_AT_HEADER),
    })
  const methods: Record<string, (call: Call) => Promise<PartialSuccess | undefined>> = {}
  for (const [signal, path] of Object.entries(OTLP_SERVICES)) methods[path] = submit(signal as Signal, 'otlp')
  if (onReport !== undefined) {
    methods[WRITE_METRICS] = submit('metrics', 'remote-write-2')
    methods[REPORT] = (call) => {
      const identity = identityOf(call)
      onReport(identity, parseEdgeReport(call.request, identity))
      return Promise.resolve(undefined)
    }
  }
  for (const [path, method] of Object.entries(methods)) addMethod(server, path, answerWith(intake, method))
  return toGrpcServer(server)
}

type Handler = (call: Call, callback: sendUnaryData<Uint8Array>) => void

function answerWith(intake: Intake, method: (call: Call) => Promise<PartialSuccess | undefined>): Handler {
  return (call, callback) => {
    const answer = async (): Promise<void> => {
      try {
        const partial = await method(call)
        intake.countSuccess()
        callback(null, partial === undefined ? OTLP_SUCCESS : encodePartialSuccess(partial))
      } catch (reason) {
        callback(toGrpcStatus(intake.countFailure(reason)))
      }
    }
    // It catches everything itself; the framework takes no promises.
    void answer()
  }
}

const keepBytes = (bytes: Buffer): Buffer => bytes
const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function addMethod(server: Server, path: string, handler: Handler): void {
  const definition: ServiceDefinition = {
    call: {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: toBuffer,
      requestDeserialize: keepBytes,
      responseSerialize: toBuffer,
      responseDeserialize: keepBytes,
    },
  }
  server.addService(definition, { call: handler })
}

function toGrpcServer(server: Server): GrpcServer {
  const connections = server.createConnectionInjector(ServerCredentials.createInsecure())
  return {
    accept: (socket) => {
      connections.injectConnection(socket)
    },
    shutdown: async (signal) => {
      await new Promise<void>((resolve) => {
        const stop = (): void => {
          resolve()
        }
        signal.addEventListener('abort', stop, { once: true })
        server.tryShutdown(stop)
        if (signal.aborted) stop()
      })
      server.forceShutdown()
    },
  }
}
