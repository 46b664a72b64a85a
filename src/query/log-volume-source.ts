import type { Labels, Matcher, Scope } from '../model/index.ts'

/** How much there is, in `steps` steps of equal width from `startNs` on; the end is not included. */
export interface LogVolumeRequest {
  readonly matchers: readonly Matcher[]
  readonly startNs: bigint
  readonly endNs: bigint
  readonly steps: number
}

/** What is stored of one stream, step by step. A line that was stored twice counts twice. */
export interface StreamVolume {
  readonly labels: Labels
  readonly lines: Float64Array
  readonly bytes: Float64Array
  /** Days on which it has lines: pieces in which it is stored. */
  readonly days: number
}

/** Where the sizes of logs are asked for without reading them. */
export interface LogVolumeSource {
  /** Streams without a line in the range are left out. */
  volumes(scope: Scope, request: LogVolumeRequest, signal: AbortSignal): Promise<readonly StreamVolume[]>
}
