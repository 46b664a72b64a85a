export { HubLedger, type LedgerDifference, type SettledCounts, type SourceBalance } from './hub-ledger.ts'
export { EDGE_SOURCE, type LedgerSource, sourceOf } from './source.ts'
