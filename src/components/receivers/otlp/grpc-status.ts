import { Metadata, type StatusObject, status as grpcStatus } from '@grpc/grpc-js'
import type { AppError } from '../../../core/index.ts'
import { PartlyStoredError } from '../../../pipeline/index.ts'
import { encodeRpcStatus } from '../../../wire/index.ts'
import { toRpcStatus } from './codes.ts'

/** Which records of a numbered request the hub has already, in the trailers of ALREADY_EXISTS: `3-7,12-12`. */
const STORED_HEADER = 'fleetglass-stored'
const DETAILS_HEADER = 'grpc-status-details-bin'

export function toGrpcStatus(error: AppError): StatusObject {
  const metadata = new Metadata()
  if (error instanceof PartlyStoredError) {
    metadata.set(STORED_HEADER, error.held.map(({ first, last }) => `${String(first)}-${String(last)}`).join(','))
    return { code: grpcStatus.ALREADY_EXISTS, details: error.message, metadata }
  }
  const status = toRpcStatus(error)
  metadata.set(DETAILS_HEADER, Buffer.from(encodeRpcStatus(status)))
  return { code: status.code, details: status.message, metadata }
}
