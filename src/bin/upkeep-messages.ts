import type { StoreConnection } from '../storage/index.ts'

/** What the hub gives the worker that packs samples and rolls them up. */
export interface UpkeepWorkerData {
  readonly store: StoreConnection
  /** Counts what is written, for those who remember; absent where others write, too. */
  readonly changes: SharedArrayBuffer | undefined
  /** Whether samples are rolled up. */
  readonly rollups: boolean
}

export type ToUpkeepWorker = { readonly type: 'metrics'; readonly id: number } | { readonly type: 'stop' }

export interface FromUpkeepWorker {
  readonly type: 'metrics'
  readonly id: number
  readonly body: string
}
