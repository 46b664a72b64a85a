import type { PayloadFormat } from '../../model/index.ts'
import type { MeasuredPoint } from './measured-point.ts'
import { measureOtlp } from './otlp-measures.ts'
import { measureRemoteWrite2 } from './remote-write-measures.ts'

export type { Measure, MeasuredBucket, MeasuredPoint, MeasureOrigin, Nature } from './measured-point.ts'
export { toTexts } from './otlp-measures.ts'

/** The data points of a metrics payload as numbers, one after the other. Throws AppError `invalid` for damaged bytes. */
export function readMeasures(format: PayloadFormat, payload: Uint8Array): Generator<MeasuredPoint> {
  return format === 'otlp' ? measureOtlp(payload) : measureRemoteWrite2(payload)
}
