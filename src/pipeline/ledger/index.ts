export { HubLedger, type LedgerDifference, type SettledCounts, type SourceBalance } from './hub-ledger.ts'
export type { IntakeBooks } from './intake-books.ts'
