export {
  type ClusterSend,
  type DestinationSnapshot,
  type DestinationState,
  destinationStateSchema,
} from './destination.ts'
export {
  DASHBOARD_UID,
  type DashboardChange,
  dashboardChangeSchema,
  type DashboardList,
  dashboardListSchema,
  type DashboardSaved,
  dashboardSavedSchema,
  type KeptDashboard,
} from './dashboards.ts'
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
