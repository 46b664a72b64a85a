import type { ProtoReader } from '../../wire/index.ts'
import { AttributeWriter } from './attribute-writer.ts'
import type { BatchContext } from './batch-context.ts'
import { IdentityIndexes } from './identity-indexes.ts'
import { UNKNOWN_SERVICE } from './log-labels.ts'
import {
  type AttributeSet,
  type OtlpResource,
  type OtlpScope,
  type OtlpVisitor,
  RepeatedAttributes,
  walkOtlp,
} from './otlp-walk.ts'
import { groupText } from './span-group.ts'
import { nsToMs } from './payload.ts'
import { SpanParts } from './span-parts.ts'
import { SPAN_ID_BYTES, SpanRecord, TRACE_ID_BYTES } from './span-record.ts'
import type { Tables } from './tables.ts'
import type { TraceRanges } from './trace-ranges.ts'

/** OTLP traces → rows of `spans` and `traces`. */
export function transcodeSpans(tables: Tables, batch: BatchContext, traces: TraceRanges): void {
  walkOtlp(batch.reader, new SpanTranscoder(tables, batch, traces))
}

class SpanTranscoder implements OtlpVisitor {
  readonly #tables: Tables
  readonly #batch: BatchContext
  readonly #traces: TraceRanges
  readonly #attributes = new AttributeWriter('kept')
  readonly #identity = new IdentityIndexes()
  readonly #resourceAttributes = new RepeatedAttributes()
  readonly #scopeAttributes = new RepeatedAttributes()
  readonly #span = new SpanRecord()
  readonly #parts: SpanParts
  #serviceName = 0
  #scopeName = 0
  #scopeVersion = 0
  #group = 0
  #resource: OtlpResource | undefined

  constructor(tables: Tables, batch: BatchContext, traces: TraceRanges) {
    this.#tables = tables
    this.#batch = batch
    this.#traces = traces
    this.#parts = new SpanParts(tables.spans.columns, this.#attributes)
    this.#identity.begin(tables.spans.columns, batch.identity)
  }

  resource(attributes: AttributeSet, resource: OtlpResource): void {
    this.#resource = resource
    const service = attributes.text('service.name')
    this.#serviceName = this.#tables.spans.columns.service_name.indexOfText(service === '' ? UNKNOWN_SERVICE : service)
    this.#resourceAttributes.begin(attributes)
  }

  scope(scope: OtlpScope): void {
    const row = this.#tables.spans.columns
    const { bytes } = this.#batch.reader
    this.#scopeName = row.scope_name.index(bytes, scope.name.start, scope.name.end)
    this.#scopeVersion = row.scope_version.index(bytes, scope.version.start, scope.version.end)
    this.#scopeAttributes.begin(scope.attributes)
    this.#group = row.otlp_group.indexOfText(groupText(this.#batch.reader, this.#resource, scope))
  }

  endResource(): void {}

  item(): void {
    const batch = this.#batch
    const span = this.#span
    span.read(batch.reader)
    if (span.traceId.length !== TRACE_ID_BYTES || span.spanId.length !== SPAN_ID_BYTES) {
      batch.reject('bad_id')
      return
    }
    if (!span.hasStart) {
      batch.reject('no_time')
      return
    }
    if (!batch.acceptsTime(nsToMs(span.startLow, span.startHigh))) return
    this.#pushRow(span, batch.reader)
    this.#parts.push(batch.reader, span)
    this.#traces.see(this.#tables, batch, span)
    batch.rows++
  }

  #pushRow(span: SpanRecord, reader: ProtoReader): void {
    const row = this.#tables.spans.columns
    const { bytes } = reader
    this.#identity.push(row)
    row.service_name.pushIndex(this.#serviceName)
    row.name.push(bytes, span.name.start, span.name.end)
    row.kind.push(span.kind)
    row.trace_id.push(bytes, span.traceId.start, span.traceId.end)
    row.span_id.push(bytes, span.spanId.start, span.spanId.end)
    row.parent_span_id.push(bytes, span.parentSpanId.start, span.parentSpanId.end)
    row.trace_state.push(bytes, span.traceState.start, span.traceState.end)
    row.flags.push(span.flags)
    row.time.pushLanes(span.startLow, span.startHigh)
    row.duration.pushLanes(span.durationLow, span.durationHigh)
    row.hub_received_at.pushInteger(this.#batch.receivedAtMs)
    row.status_code.push(span.statusCode)
    row.status_message.push(bytes, span.statusMessage.start, span.statusMessage.end)
    row.scope_name.pushIndex(this.#scopeName)
    row.scope_version.pushIndex(this.#scopeVersion)
    this.#scopeAttributes.pushRow(row.scope_attributes, this.#attributes)
    this.#resourceAttributes.pushRow(row.resource_attributes, this.#attributes)
    this.#attributes.push(reader, span.attributes, row.attributes)
    row.attributes.endRow()
    row.dropped_attributes.push(span.droppedAttributes)
    row.dropped_events.push(span.droppedEvents)
    row.dropped_links.push(span.droppedLinks)
    row.otlp_group.pushIndex(this.#group)
  }
}
