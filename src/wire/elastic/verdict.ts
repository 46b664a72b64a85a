/** What a bulk request may hold. What is over a limit is cut off and counted, or refused by item. */
export interface BulkLimits {
  /** Attributes of one record, after nested objects are made flat. */
  readonly attributes: number
  readonly nameBytes: number
  readonly valueBytes: number
  /** Of `message`. Longer ones are cut off, and marked. */
  readonly lineBytes: number
  /** How deep objects and arrays may nest. */
  readonly nesting: number
  /** Documents before and after are refused; ms since the epoch. */
  readonly earliestMs: number
  readonly latestMs: number
}

export const DEFAULT_BULK_LIMITS: BulkLimits = {
  attributes: 128,
  nameBytes: 1_024,
  valueBytes: 65_536,
  lineBytes: 262_144,
  nesting: 32,
  earliestMs: -Infinity,
  latestMs: Infinity,
}

/** The operations of the protocol. Logs can only be added, so the last two are answered with an error. */
export const BULK_OPERATIONS = ['create', 'index', 'update', 'delete'] as const
export type BulkOperation = (typeof BULK_OPERATIONS)[number]

/** What became of one operation, in the words of Elasticsearch's answer. */
export interface BulkItem {
  readonly operation: BulkOperation
  /** '' where neither the operation nor the address names one. */
  readonly index: string
  /** Absent where the sender gave none. */
  readonly id?: string
  /** 201 stored, 409 held already, 400 refused. */
  readonly status: 201 | 400 | 409
  readonly error?: { readonly type: string; readonly reason: string }
}

/** Why a document was refused, for counting. */
export type BulkProblem = 'bad_document' | 'bad_operation' | 'too_old' | 'too_new'

export interface BulkVerdict {
  /** An OTLP `ExportLogsServiceRequest` of all that is good; empty when nothing is. */
  readonly payload: Uint8Array
  readonly records: number
  /** In the order of the request. */
  readonly items: readonly BulkItem[]
  readonly duplicates: number
  readonly rejected: ReadonlyMap<BulkProblem, number>
  /** Attributes that were left out or cut off, and messages that were cut off. */
  readonly cut: { readonly attributes: number; readonly values: number; readonly lines: number }
}

export interface BulkOptions {
  /** The index that the address names. */
  readonly index?: string
  readonly limits?: BulkLimits
  /** Whether a document with this id is held already; it is answered with 409 then, which senders take for success. */
  readonly isHeld?: (index: string, id: string) => boolean
}
