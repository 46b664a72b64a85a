import type { Signal } from '../../model/index.ts'
import { BYTES, ProtoReader, ProtoWriter, VARINT } from '../proto/index.ts'

/** What a server says of a request that it took in part. It must not be sent again. */
export interface PartialSuccess {
  /** Items that were not taken; 0 with a message is a warning. */
  readonly rejected: number
  readonly message: string
}

/** An `Export…ServiceResponse` of full success, which is empty in protobuf and in JSON alike. */
export const OTLP_SUCCESS: Uint8Array = new Uint8Array(0)
export const OTLP_SUCCESS_JSON = '{}'

const PARTIAL_SUCCESS = 1

/** An `Export…ServiceResponse` of partial success; the messages of all signals are alike on the wire. */
export function encodePartialSuccess({ rejected, message }: PartialSuccess): Uint8Array {
  const writer = new ProtoWriter(64)
  const start = writer.begin(PARTIAL_SUCCESS)
  if (rejected > 0) writer.int64(1, rejected)
  if (message !== '') writer.string(2, message)
  writer.end(start)
  return writer.finish()
}

const REJECTED_KEYS: Readonly<Record<Signal, string>> = {
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
  traces: 'rejectedSpans',
}

export function renderPartialSuccessJson(signal: Signal, { rejected, message }: PartialSuccess): string {
  return JSON.stringify({ partialSuccess: { [REJECTED_KEYS[signal]]: String(rejected), errorMessage: message } })
}

/** Reads an `Export…ServiceResponse`; undefined is full success. Throws AppError `invalid`. */
export function readPartialSuccess(response: Uint8Array): PartialSuccess | undefined {
  const reader = new ProtoReader(response)
  let partial: PartialSuccess | undefined
  while (reader.next()) {
    if (reader.field === PARTIAL_SUCCESS && reader.wireType === BYTES) partial = readPartial(reader)
    else reader.skip()
  }
  return partial
}

function readPartial(reader: ProtoReader): PartialSuccess | undefined {
  const outer = reader.enter()
  let rejected = 0
  let message = ''
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === VARINT) rejected = Number(reader.int64())
    else if (reader.field === 2 && reader.wireType === BYTES) message = reader.string()
    else reader.skip()
  }
  reader.leave(outer)
  return rejected === 0 && message === '' ? undefined : { rejected, message }
}
