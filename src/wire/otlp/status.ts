import { BYTES, ProtoReader, ProtoWriter, VARINT } from '../proto/index.ts'

/**
 * `google.rpc.Status`, the body of every error of OTLP/HTTP and, as `grpc-status-details-bin`, of gRPC:
 *
 *     Status    { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3 }
 *     Any       { string type_url = 1; bytes value = 2 }
 *     RetryInfo { google.protobuf.Duration retry_delay = 1 }
 *     Duration  { int64 seconds = 1; int32 nanos = 2 }
 */
export interface RpcStatus {
  /** A gRPC status code. */
  readonly code: number
  readonly message: string
  /** Present if the sender may try again: the `RetryInfo` detail, in milliseconds. */
  readonly retryAfterMs?: number | undefined
}

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo'

export function encodeRpcStatus(status: RpcStatus): Uint8Array {
  const writer = new ProtoWriter()
  writer.int64(1, status.code)
  writer.string(2, status.message)
  if (status.retryAfterMs !== undefined) {
    const detail = writer.begin(3)
    writer.string(1, RETRY_INFO)
    const retryInfo = writer.begin(2)
    const duration = writer.begin(1)
    const { seconds, nanos } = toDuration(status.retryAfterMs)
    writer.int64(1, seconds)
    writer.int64(2, nanos)
    writer.end(duration)
    writer.end(retryInfo)
    writer.end(detail)
  }
  return writer.finish()
}

export function renderRpcStatusJson(status: RpcStatus): string {
  const { code, message, retryAfterMs } = status
  if (retryAfterMs === undefined) return JSON.stringify({ code, message })
  const details = [{ '@type': RETRY_INFO, retryDelay: `${String(retryAfterMs / 1_000)}s` }]
  return JSON.stringify({ code, message, details })
}

/** Throws AppError `invalid`. Details of other kinds are passed over. */
export function decodeRpcStatus(bytes: Uint8Array): RpcStatus {
  const reader = new ProtoReader(bytes)
  let code = 0
  let message = ''
  let retryAfterMs: number | undefined
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === VARINT) code = reader.int32()
    else if (reader.field === 2 && reader.wireType === BYTES) message = reader.string()
    else if (reader.field === 3 && reader.wireType === BYTES) retryAfterMs = readDetail(reader) ?? retryAfterMs
    else reader.skip()
  }
  return { code, message, retryAfterMs }
}

function readDetail(reader: ProtoReader): number | undefined {
  const outer = reader.enter()
  let type = ''
  let value: Uint8Array = new Uint8Array(0)
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === BYTES) type = reader.string()
    else if (reader.field === 2 && reader.wireType === BYTES) value = reader.slice()
    else reader.skip()
  }
  reader.leave(outer)
  return type === RETRY_INFO ? readRetryDelay(new ProtoReader(value)) : undefined
}

function readRetryDelay(reader: ProtoReader): number {
  let delayMs = 0
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === BYTES) delayMs = readDuration(reader)
    else reader.skip()
  }
  return Math.max(0, delayMs)
}

function readDuration(reader: ProtoReader): number {
  const outer = reader.enter()
  let ms = 0
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === VARINT) ms += 1_000 * Number(reader.int64())
    else if (reader.field === 2 && reader.wireType === VARINT) ms += reader.int32() / 1e6
    else reader.skip()
  }
  reader.leave(outer)
  return ms
}

function toDuration(ms: number): { readonly seconds: number; readonly nanos: number } {
  const seconds = Math.floor(ms / 1_000)
  return { seconds, nanos: Math.round((ms - 1_000 * seconds) * 1e6) }
}
