import type { CacheCounts } from '../query/index.ts'
import type { Scope } from '../model/index.ts'
import type { ApiRequest, ApiResponse } from './messages.ts'

/** From the thread that accepts connections to a query worker. */
export type ToWorker =
  | { readonly type: 'request'; readonly id: number; readonly request: ApiRequest; readonly scope: Scope }
  | { readonly type: 'cancel'; readonly id: number }
  /** Finish: close the store client and let the thread end. */
  | { readonly type: 'stop' }

/** From a query worker. The response's body is transferred, not copied. */
export interface FromWorker {
  readonly type: 'response'
  readonly id: number
  readonly response: ApiResponse
  /** Of the worker's cache until now. */
  readonly cache?: CacheCounts
}
