import type { SpanMetricsSettings } from '../fleet/index.ts'
import type { Batch, Identity } from '../model/index.ts'

/** What the hub gives the worker that derives metrics from spans. */
export interface SpanMetricsWorkerData {
  readonly settings: SpanMetricsSettings
  readonly logDir: string
  /** How far the hub's log is durable. */
  readonly durable: SharedArrayBuffer
}

export type ToSpanMetricsWorker =
  /** What became of a delivery. */
  | { readonly type: 'delivered'; readonly id: number; readonly error?: string }
  | { readonly type: 'drop'; readonly below: number }
  | { readonly type: 'metrics'; readonly id: number }
  | { readonly type: 'stop' }

export type FromSpanMetricsWorker =
  /** Batches for the hub's log, to be answered with `delivered`. */
  | { readonly type: 'deliver'; readonly id: number; readonly batches: readonly Batch[] }
  | { readonly type: 'overflow'; readonly identity: Identity; readonly observations: number }
  | { readonly type: 'position'; readonly position: number }
  | { readonly type: 'metrics'; readonly id: number; readonly body: string }

/** Its cursor in the hub's log. */
export const SPAN_METRICS_CURSOR = 'span_metrics'
