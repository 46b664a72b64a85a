export {
  type DestinationSnapshot,
  type DestinationState,
  destinationStateSchema,
} from './destination.ts'
export { type DashboardList, dashboardListSchema } from './dashboards.ts'
export { type DeadLetterEntry, type DeadLetters, deadLetterActionSchema, deadLettersSchema } from './dead-letters.ts'
export {
  type EdgeBooksEntry,
  type Ledger,
  type LedgerBalance,
  type LedgerCluster,
  type LedgerSourceEntry,
  ledgerSchema,
} from './ledger.ts'
export {
  type ClusterSnapshot,
  type ClusterStatus,
  clusterStatusSchema,
  type FleetEvent,
  type FleetSnapshot,
  fleetSnapshotSchema,
  type Rejection,
} from './fleet.ts'
