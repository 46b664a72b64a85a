import type { Scope } from '../model/index.ts'
import type { SpanNeed, TraceNeed } from './span-need.ts'
import type { AttributeScope, Field } from './traceql/ast.ts'
import type { TraceqlValue } from './traceql/value.ts'

/** An attribute's value with the type it had on the wire. Arrays, maps and bytes are JSON text (OTLP's encoding). */
export type AttributeValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'json'; readonly value: string }
  | { readonly type: 'bytes'; readonly value: Uint8Array }

export type Attributes = Readonly<Record<string, AttributeValue>>

export interface SpanEvent {
  readonly timeNs: bigint
  readonly name: string
  readonly attributes: Attributes
}

export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly traceState: string
  readonly attributes: Attributes
}

export interface Span {
  /** Lower-case hex; the parent is '' for a root. */
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly traceState: string
  readonly name: string
  /** OTLP's SpanKind and StatusCode numbers. */
  readonly kind: number
  readonly statusCode: number
  readonly statusMessage: string
  readonly startNs: bigint
  readonly endNs: bigint
  readonly flags: number
  readonly resource: Attributes
  readonly scope: { readonly name: string; readonly version: string; readonly attributes: Attributes }
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
}

export interface CandidatesRequest {
  /** What traces must have to be worth a look. */
  readonly need: TraceNeed
  /** The spans that are needed start in the range, both ends included; milliseconds since the epoch. */
  readonly startMs: number
  readonly endMs: number
  /** Traces that last less are not wanted. */
  readonly minDurationNs?: bigint
}

/** Which parts of spans are read besides names, ids, times and status; the others are empty. */
export interface SpanParts {
  readonly attributes: boolean
  readonly resource: boolean
  /** The instrumentation scope. */
  readonly scope: boolean
  readonly events: boolean
  readonly links: boolean
}

export interface SpansRequest {
  readonly need: SpanNeed
  /** Spans start behind `startNs` and not behind `endNs`. */
  readonly startNs: bigint
  readonly endNs: bigint
  readonly parts: SpanParts
  /** Only so many of each part of the range, for examples. */
  readonly spread?: { readonly parts: number; readonly spansPerPart: number }
}

/** Counts, and sums of one field, of spans by interval and fields. */
export interface SpanCountRequest {
  readonly need: SpanNeed
  /** Interval 0 begins behind `startNs`; each ends with its last nanosecond, `stepNs` later. */
  readonly startNs: bigint
  readonly endNs: bigint
  readonly stepNs: bigint
  readonly by: readonly Field[]
  /** Numbers to summarise; values that are no numbers are left out. */
  readonly measure?: Field
  /** Counts also by the power of two that the measure's value is rounded up to. */
  readonly buckets: boolean
}

export interface SpanCount {
  readonly interval: number
  readonly by: readonly TraceqlValue[]
  readonly count: number
  /** The bucket's upper bound as a power of two in the field's unit, nanoseconds for durations. */
  readonly bucket?: bigint
  /** Of the values that are numbers, in the field's unit; `numbers` is how many they are. */
  readonly numbers: number
  readonly sum: number
  readonly min: number
  readonly max: number
}

export type TagScope = Exclude<AttributeScope, 'any'>

export interface TagRequest {
  readonly startMs: number
  readonly endMs: number
  /** Only of spans that may meet this. */
  readonly need: SpanNeed
  /** At most so many, for each scope. */
  readonly limit: number
}

/** Where TraceQL reads from. */
export interface TraceSource {
  /** All spans of the trace within the scope, by start; empty when there is none. */
  trace(
    scope: Scope,
    traceId: string,
    range: { readonly startMs?: number; readonly endMs?: number },
    signal: AbortSignal,
  ): Promise<readonly Span[]>
  /**
   * Ids (32 hex digits) of all traces that may meet the need, the newest first, in pages, none twice; more than do so
   * is allowed. Whoever has seen enough stops asking, and the source stops working.
   */
  candidates(scope: Scope, request: CandidatesRequest, signal: AbortSignal): AsyncIterable<readonly string[]>
  /** All spans of each of the traces, by start; a span that was sent twice is there once. */
  spansOf(
    scope: Scope,
    traceIds: readonly string[],
    parts: SpanParts,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly Span[]>>
  /** Spans that may meet the need, in pages, in the order of their start; more than do so is allowed. */
  spans(scope: Scope, request: SpansRequest, signal: AbortSignal): AsyncIterable<readonly Span[]>
  /** Counts spans where they lie. Undefined when the source cannot do so exactly; then they must be read. */
  countSpans(scope: Scope, request: SpanCountRequest, signal: AbortSignal): Promise<readonly SpanCount[] | undefined>
  /** Names of attributes by scope, each list sorted. Finds what it can in a few seconds. */
  tagNames(
    scope: Scope,
    request: TagRequest & { readonly scopes: readonly TagScope[] },
    signal: AbortSignal,
  ): Promise<Readonly<Record<TagScope, readonly string[]>>>
  /** Values of a field, sorted. Finds what it can in a few seconds; nothing for numbers that nobody would list. */
  tagValues(
    scope: Scope,
    request: TagRequest & { readonly field: Field },
    signal: AbortSignal,
  ): Promise<readonly AttributeValue[]>
}
