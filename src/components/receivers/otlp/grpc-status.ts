import { Metadata, type StatusObject, status as grpcStatus } from '@grpc/grpc-js'
import { AppError } from '../../../core/index.ts'
import { PartlyStoredError } from '../../../pipeline/index.ts'
import { encodeRpcStatus } from '../../../wire/index.ts'
import { toRpcStatus } from './codes.ts'

/** Which records of a numbered request the hub has already, in the trailers of ALREADY_EXISTS: `3-7,12-12`. */
const STORED_HEADER = 'fleetglass-stored'
const DETAILS_HEADER = 'grpc-status-details-bin'

const ACCEPT_ENCODING_HEADER = 'grpc-accept-encoding'

/** What messages may be compressed with: what the framework knows. */
export const GRPC_ENCODINGS: readonly string[] = ['identity', 'deflate', 'gzip']

/** By gRPC's rules for compression: UNIMPLEMENTED, and what the server accepts. */
export class UnknownEncodingError extends AppError {
  constructor() {
    super('invalid', `the compression of the message is not supported here: use ${GRPC_ENCODINGS.join(', ')}`)
  }
}

export function toGrpcStatus(error: AppError): StatusObject {
  const metadata = new Metadata()
  if (error instanceof PartlyStoredError) {
    metadata.set(STORED_HEADER, error.held.map(({ first, last }) => `${String(first)}-${String(last)}`).join(','))
    return { code: grpcStatus.ALREADY_EXISTS, details: error.message, metadata }
  }
  if (error instanceof UnknownEncodingError) {
    metadata.set(ACCEPT_ENCODING_HEADER, GRPC_ENCODINGS.join(','))
    return { code: grpcStatus.UNIMPLEMENTED, details: error.message, metadata }
  }
  const status = toRpcStatus(error)
  metadata.set(DETAILS_HEADER, Buffer.from(encodeRpcStatus(status)))
  return { code: status.code, details: status.message, metadata }
}
