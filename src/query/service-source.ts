import type { Scope, TimeRange } from '../model/index.ts'
import type { SpanPredicate } from './span-predicate.ts'
import type { Span, SpanEvent, SpanLink } from './trace-source.ts'

export interface WholeSpanEvent extends SpanEvent {
  readonly droppedAttributes: number
}

export interface WholeSpanLink extends SpanLink {
  readonly droppedAttributes: number
  readonly flags: number
}

/** Which attributes of a resource say what entity it is. */
export interface EntityRef {
  readonly schemaUrl: string
  readonly type: string
  readonly idKeys: readonly string[]
  readonly descriptionKeys: readonly string[]
}

/** A span with all that its sender said: also what it left out, and by which schemas. */
export interface WholeSpan extends Span {
  readonly events: readonly WholeSpanEvent[]
  readonly links: readonly WholeSpanLink[]
  /** The end as it was sent; `endNs` is not before the start. */
  readonly sentEndNs: bigint
  readonly resourceSchemaUrl: string
  readonly resourceDroppedAttributes: number
  readonly entityRefs: readonly EntityRef[]
  readonly scopeSchemaUrl: string
  readonly scopeDroppedAttributes: number
  readonly droppedAttributes: number
  readonly droppedEvents: number
  readonly droppedLinks: number
}

/** What a service does, as its spans are named. */
export interface Operation {
  readonly name: string
  /** OTLP's SpanKind number. */
  readonly kind: number
}

/** Calls of one service by another: spans whose parent is a span of `parent`. */
export interface ServiceLink {
  readonly parent: string
  readonly child: string
  readonly calls: number
}

/** Traces with a span that starts in the range, both ends included, and passes the predicate. */
export interface TraceQuery {
  readonly predicate: SpanPredicate
  readonly startNs: bigint
  readonly endNs: bigint
  /** Traces. */
  readonly limit: number
}

export interface ServiceShare {
  readonly name: string
  readonly spans: number
  readonly errors: number
}

/** A trace as far as it is in scope. Without a root span its names are ''. */
export interface TraceOverview {
  readonly traceId: string
  readonly rootServiceName: string
  readonly rootOperationName: string
  readonly startNs: bigint
  readonly endNs: bigint
  readonly spans: number
  readonly errors: number
  /** Spans whose parent is not in the trace. */
  readonly orphans: number
  /** By name. */
  readonly services: readonly ServiceShare[]
}

/** Whole traces, found by what one of their spans is; and the services that made them. */
export interface ServiceSource {
  /** Names, sorted. */
  services(scope: Scope, signal: AbortSignal): Promise<readonly string[]>
  /** Of one service, sorted by name and kind. */
  operations(scope: Scope, service: string, signal: AbortSignal): Promise<readonly Operation[]>
  /** Between different services, of spans that start in the range; sorted. */
  links(scope: Scope, range: TimeRange, signal: AbortSignal): Promise<readonly ServiceLink[]>
  /** Ids in lower-case hex, 32 digits; the traces whose matching spans are the newest first. */
  findTraces(scope: Scope, query: TraceQuery, signal: AbortSignal): Promise<readonly string[]>
  /** In the order of the ids; without those that are not there. */
  overviews(scope: Scope, traceIds: readonly string[], signal: AbortSignal): Promise<readonly TraceOverview[]>
  /** All spans of the traces that start in the range, by start; each span once, however often it was sent. */
  spansOf(
    scope: Scope,
    traceIds: readonly string[],
    range: { readonly startNs?: bigint; readonly endNs?: bigint },
    signal: AbortSignal,
  ): Promise<readonly WholeSpan[]>
}
