import type { BatchContext } from './batch-context.ts'
import { Hash64 } from './hash64.ts'
import { KeyTable } from './key-table.ts'
import type { ByteRange } from './payload.ts'
import { isBefore, type SpanRecord, TRACE_ID_BYTES } from './span-record.ts'
import type { Tables, TraceColumns } from './tables.ts'

/**
 * Where in time the traces of a flush lie: one row of `traces` a trace instead of one a span. It belongs to one set of
 * tables and is reset with it. A second row of a trace does no harm: the engine merges them.
 */
export class TraceRanges {
  /** Hash of tenant and trace id → row. */
  readonly #keys = new KeyTable()
  readonly #rows: number[] = []
  readonly #hash = new Hash64()

  see(tables: Tables, { tenant, reader, receivedDay }: BatchContext, span: SpanRecord): void {
    const columns = tables.traces.columns
    this.#hash.start()
    this.#hash.text(tenant)
    this.#hash.bytes(reader.view, span.traceId.start, span.traceId.end)
    this.#hash.finish()
    const { low, high } = this.#hash
    const key = this.#keys.find(low, high)
    const row = this.#rows[key]
    if (row !== undefined && isTrace(columns, row, reader.bytes, span.traceId)) {
      widen(columns, row, span)
      columns.received.raise(row, receivedDay)
      return
    }
    if (key < 0) {
      this.#keys.add(low, high)
      this.#rows.push(columns.start.rows)
    }
    columns.tenant_id.pushText(tenant)
    columns.trace_id.push(reader.bytes, span.traceId.start, span.traceId.end)
    columns.start.pushLanes(span.startLow, span.startHigh)
    columns.end.pushLanes(span.endLow, span.endHigh)
    columns.received.push(receivedDay)
  }

  reset(): void {
    this.#keys.clear()
    this.#rows.length = 0
  }
}

/** Whether the row is of this trace: two traces may share a hash. */
function isTrace(columns: TraceColumns, row: number, bytes: Uint8Array, traceId: ByteRange): boolean {
  const stored = columns.trace_id.bytes
  for (let i = 0; i < TRACE_ID_BYTES; i++) {
    if (stored[row * TRACE_ID_BYTES + i] !== bytes[traceId.start + i]) return false
  }
  return true
}

function widen(columns: TraceColumns, row: number, span: SpanRecord): void {
  const { start, end } = columns
  if (isBefore(span.startLow, span.startHigh, start.lowAt(row), start.highAt(row))) {
    start.setLanes(row, span.startLow, span.startHigh)
  }
  if (isBefore(end.lowAt(row), end.highAt(row), span.endLow, span.endHigh)) {
    end.setLanes(row, span.endLow, span.endHigh)
  }
}
