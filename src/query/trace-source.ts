import type { Scope } from '../model/index.ts'

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

/** One condition on a span; all conditions of a request must hold for one and the same span. */
export interface SpanCondition {
  readonly field:
    | { readonly kind: 'attribute'; readonly scope: 'span' | 'resource' | 'any'; readonly name: string }
    | { readonly kind: 'name' | 'duration' | 'status' | 'kind' }
  readonly operator: '=' | '!=' | '>' | '>=' | '<' | '<=' | '=~' | '!~'
  /**
   * Durations in nanoseconds, `status` and `kind` as OTLP's numbers, all as `int`. `=~` and `!~` hold RE2 expressions,
   * fully anchored.
   */
  readonly value: AttributeValue
}

export interface TraceSearchRequest {
  readonly conditions: readonly SpanCondition[]
  readonly startMs: number
  readonly endMs: number
  readonly minDurationNs?: bigint
  readonly maxDurationNs?: bigint
  /** Traces. */
  readonly limit: number
  readonly spansPerTrace: number
}

export interface TraceSummary {
  readonly traceId: string
  readonly rootServiceName: string
  readonly rootTraceName: string
  readonly startNs: bigint
  readonly durationNs: bigint
  readonly matched: number
  readonly spans: readonly Span[]
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
  search(scope: Scope, request: TraceSearchRequest, signal: AbortSignal): Promise<readonly TraceSummary[]>
  tagNames(scope: Scope, signal: AbortSignal): Promise<{ readonly resource: string[]; readonly span: string[] }>
  /** `tag` is `resource.<name>`, `span.<name>`, `.<name>` for either, or the intrinsic `name`. */
  tagValues(scope: Scope, tag: string, signal: AbortSignal): Promise<readonly AttributeValue[]>
}
