export type { Reservation } from './admission.ts'
export { decompress, type Encoding } from './encodings.ts'
export { IngestGate, type IngestGateOptions } from './gate.ts'
export { errorHeaders, HttpError, httpStatusOf, messageFor } from './http-error.ts'
export { memoryUsage } from './memory-usage.ts'
export type { PressureSource } from './pressure.ts'
export { OverRateError, type Rate } from './quota.ts'
export type { BodyOptions, WriteHead, WriteRequest, WriteResponse, WriteRoute } from './write-route.ts'
export { createWriteMeters, createWriteServer, type WriteMeters, type WriteServer } from './write-server.ts'
export {
  createBatch,
  readOrReport,
  type RejectedItems,
  reportLeftOut,
  type WriteReceiverOptions,
} from './write-receiver.ts'
