import type { Scope } from '../model/index.ts'
import type { ApiRequest, ApiResponse } from './messages.ts'

/** Runs API requests somewhere. */
export interface QueryRunner {
  /**
   * The response, also when the request failed. Rejects with an AppError only when there is none: `exhausted` (too many
   * wait), `timeout`, `cancelled`, `unavailable` (its worker died).
   */
  run(request: ApiRequest, scope: Scope, signal: AbortSignal): Promise<ApiResponse>
  /** Ends what runs. */
  close(): Promise<void>
}
