import type { StoreConnection } from '../storage/index.ts'

/** What the hub gives the worker that rolls samples up. */
export interface RollupWorkerData {
  readonly store: StoreConnection
}

export type ToRollupWorker = { readonly type: 'metrics'; readonly id: number } | { readonly type: 'stop' }

export interface FromRollupWorker {
  readonly type: 'metrics'
  readonly id: number
  readonly body: string
}
