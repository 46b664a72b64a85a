import { HUB_RECEIVED_AT } from '../../../model/index.ts'
import type { Block } from '../native-decoder.ts'
import { bigintOf, hexOf, numberOf, type Reader, textOf } from '../rows.ts'

/** A record's own field that is structured metadata under this name; '' where the record has none. */
export interface MetadataField {
  readonly name: string
  readonly columns: readonly string[]
  readonly read: (block: Block) => Reader<string>
  /** The same in SQL, for those of which that is exactly the same. */
  readonly sql?: string
}

const text = (column: string): MetadataField => ({
  name: column,
  columns: [column],
  read: (block) => textOf(block, column),
  sql: `toString(${column})`,
})

const number = (column: string): MetadataField => ({
  name: column,
  columns: [column],
  read: (block) => {
    const value = numberOf(block, column)
    return (row) => (value(row) === 0 ? '' : String(value(row)))
  },
  sql: `if(${column} = 0, '', toString(${column}))`,
})

const id = (column: string): MetadataField => ({
  name: column,
  columns: [column],
  read: (block) => hexOf(block, column),
  sql: `if(empty(trim(BOTH '\\0' FROM ${column})), '', lower(hex(${column})))`,
})

const NS_PER_MS = 1_000_000n

/** Senders that tell no time of observation have the hub's, to the millisecond: it was not theirs to tell. */
const observedTimestamp: MetadataField = {
  name: 'observed_timestamp',
  columns: ['observed_time', 'hub_received_at'],
  read: (block) => {
    const observed = bigintOf(block, 'observed_time')
    const received = bigintOf(block, 'hub_received_at')
    return (row) => (observed(row) === received(row) * NS_PER_MS ? '' : String(observed(row)))
  },
}

/** In the order in which they are told. */
export const METADATA_FIELDS: readonly MetadataField[] = [
  number('severity_number'),
  text('severity_text'),
  text('event_name'),
  id('trace_id'),
  id('span_id'),
  number('flags'),
  text('scope_name'),
  text('scope_version'),
  observedTimestamp,
  text('detected_level'),
]

/** Not among `all`: a metric query that does not say what to group by would have a series a batch. */
export const RECEIVED_FIELD: MetadataField = {
  name: HUB_RECEIVED_AT,
  columns: [HUB_RECEIVED_AT],
  read: (block) => {
    const received = bigintOf(block, HUB_RECEIVED_AT)
    return (row) => new Date(Number(received(row))).toISOString()
  },
}
