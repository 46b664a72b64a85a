import { AppError } from '../../../../core/index.ts'
import { PartlyStoredError } from '../../../../pipeline/index.ts'
import { encodeRpcStatus } from '../../../../wire/index.ts'
import { toRpcStatus } from '../codes.ts'
import type { GrpcStatus } from './answer.ts'
import { GRPC_CODE } from './code.ts'

/** Which records of a numbered request the hub has already, in the trailers of ALREADY_EXISTS: `3-7,12-12`. */
const STORED_HEADER = 'fleetglass-stored'
const DETAILS_HEADER = 'grpc-status-details-bin'
const ACCEPT_ENCODING_HEADER = 'grpc-accept-encoding'

/** What messages may be compressed with. */
export const GRPC_ENCODINGS = ['identity', 'deflate', 'gzip'] as const

/** By gRPC's rules for compression: UNIMPLEMENTED, and what the server accepts. */
export class UnknownEncodingError extends AppError {
  constructor() {
    super('invalid', `the compression of the message is not supported here: use ${GRPC_ENCODINGS.join(', ')}`)
  }
}

export function toGrpcStatus(error: AppError): GrpcStatus {
  const { message } = error
  if (error instanceof PartlyStoredError) {
    const held = error.held.map(({ first, last }) => `${String(first)}-${String(last)}`).join(',')
    return { code: GRPC_CODE.ALREADY_EXISTS, message, trailers: { [STORED_HEADER]: held } }
  }
  if (error instanceof UnknownEncodingError) {
    const trailers = { [ACCEPT_ENCODING_HEADER]: GRPC_ENCODINGS.join(',') }
    return { code: GRPC_CODE.UNIMPLEMENTED, message, trailers }
  }
  const status = toRpcStatus(error)
  const details = Buffer.from(encodeRpcStatus(status)).toString('base64').replace(/=+$/, '')
  return { code: status.code, message: status.message, trailers: { [DETAILS_HEADER]: details } }
}
