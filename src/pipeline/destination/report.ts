import type { Signal } from '../../model/index.ts'
import type { DeliveryState, Trouble } from './health.ts'
import type { ClusterReport } from './cluster-totals.ts'
import type { LaneCounts } from './totals.ts'

/** What a lane tells of itself, as plain data. */
export interface LaneReport {
  readonly signal: Signal
  /** Of the log, as saved: everything before it is done with. */
  readonly position: number
  readonly state: DeliveryState
  /** The age of the oldest record that was read and is not done with. */
  readonly lagMs: number
  readonly trouble?: Trouble
  readonly lastSuccessMs?: number
  /** Read from the log and not done with. */
  readonly inFlight: { readonly items: number; readonly bytes: number }
  readonly counts: LaneCounts
  /** Of those clusters that something came from. */
  readonly clusters: readonly ClusterReport[]
}
