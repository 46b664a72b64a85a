import type { Scope } from '../../model/index.ts'
import type { Span, TraceSource } from '../trace-source.ts'
import { DEFAULT_TRACEQL_LIMITS, overTraceqlLimit, type TraceqlLimits } from './limits.ts'
import type { Field, Pipeline, TraceqlQuery } from './ast.ts'
import { PipelineEvaluator, type PlacedSpanset } from './eval-pipeline.ts'
import { valueOfField } from './fields.ts'
import { needOfTrace } from './need.ts'
import { createPacer } from '../pacer.ts'
import { printField } from './print.ts'
import { fieldsOfPipeline, partsOf, SERVICE } from './span-parts.ts'
import { TraceBatches } from './trace-batches.ts'
import { placeSpans, type SpanPlace, type TracePlace } from './trace-tree.ts'
import type { TraceqlValue } from './value.ts'

/** What to search for: traces with a span in the range (both ends included), as whole traces. */
export interface TraceSearch {
  readonly startMs: number
  readonly endMs: number
  /** Of the whole trace. */
  readonly minDurationNs?: bigint
  readonly maxDurationNs?: bigint
  /** Traces. */
  readonly limit: number
  /** Spans that are returned of each spanset; `matched` counts all. 0 is no limit. */
  readonly spansPerSpanset: number
}

export interface SearchOptions {
  readonly source: TraceSource
  readonly scope: Scope
  readonly limits?: Partial<TraceqlLimits>
  readonly signal: AbortSignal
}

export interface NamedValue {
  readonly name: string
  readonly value: TraceqlValue
}

export interface FoundSpan {
  /** With those attributes, events and links that the query may speak of. */
  readonly span: Span
  /**
   * What the query speaks of and the span has, in the query's order: attributes by their name without a scope,
   * intrinsics by theirs. Name, duration and ids are not among them, because the span tells them anyway.
   */
  readonly attributes: readonly NamedValue[]
}

export interface FoundSpanset {
  readonly spans: readonly FoundSpan[]
  readonly matched: number
  /** Of groupings and aggregates: `by(…)`, `count()`, `avg(duration)`. */
  readonly attributes: readonly NamedValue[]
}

export interface FoundTrace {
  /** 32 hex digits. */
  readonly traceId: string
  /** '' when the trace has no root yet. */
  readonly rootServiceName: string
  readonly rootTraceName: string
  readonly startNs: bigint
  readonly durationNs: bigint
  readonly spansets: readonly FoundSpanset[]
  /** Of the whole trace, by the name of the service. */
  readonly services: ReadonlyMap<string, { readonly spans: number; readonly errors: number }>
}

export interface SearchResult {
  /** The newest first. */
  readonly traces: readonly FoundTrace[]
  readonly inspectedTraces: number
  readonly inspectedSpans: number
}

/** As many traces as are wanted are loaded first: most candidates are what they are taken for. */
const MOST_AT_FIRST = 100

/**
 * Finds traces of which the query's pipeline leaves spansets. Throws AppError: `exhausted` past a limit, `cancelled`
 * and `timeout` by the signal. For a metrics query the pipeline in front of the function is searched.
 */
export async function searchTraces(
  query: TraceqlQuery,
  request: TraceSearch,
  { source, scope, limits, signal }: SearchOptions,
): Promise<SearchResult> {
  const search = new Search(pipelineOf(query), request, limits)
  if (request.limit <= 0) return search.result()
  const pacer = createPacer(signal)
  const { startMs, endMs, minDurationNs } = request
  const need = needOfTrace(search.pipeline)
  const wanted = { need, startMs, endMs, ...(minDurationNs === undefined ? {} : { minDurationNs }) }
  const parts = partsOf([...fieldsOfPipeline(search.pipeline), SERVICE])
  const batches = new TraceBatches(Math.min(MOST_AT_FIRST, request.limit))
  for await (const page of source.candidates(scope, wanted, signal)) {
    for (let at = 0; at < page.length; ) {
      const ids = page.slice(at, at + batches.size)
      at += ids.length
      const traces = await source.spansOf(scope, ids, parts, signal)
      for (const id of ids) {
        search.inspect(traces.get(id) ?? [])
        if (search.isComplete) return search.result()
        if (pacer.due()) await pacer.pause()
      }
      batches.loaded(traces.values())
    }
  }
  return search.result()
}

function pipelineOf(query: TraceqlQuery): Pipeline {
  if (query.kind === 'spans') return query.pipeline
  let { metrics } = query
  while (metrics.kind === 'arithmetic') metrics = metrics.left
  return metrics.pipeline
}

class Search {
  readonly pipeline: Pipeline
  readonly #request: TraceSearch
  readonly #maxSpans: number
  readonly #fields: readonly Field[]
  readonly #evaluator = new PipelineEvaluator()
  readonly #found: FoundTrace[] = []
  #inspectedTraces = 0
  #inspectedSpans = 0

  constructor(pipeline: Pipeline, request: TraceSearch, limits: Partial<TraceqlLimits> = {}) {
    this.pipeline = pipeline
    this.#request = request
    this.#maxSpans = limits.maxSpans ?? DEFAULT_TRACEQL_LIMITS.maxSpans
    this.#fields = shownFields(pipeline)
  }

  get isComplete(): boolean {
    return this.#found.length >= this.#request.limit
  }

  inspect(spans: readonly Span[]): void {
    if (spans.length === 0) return
    this.#inspectedTraces += 1
    this.#inspectedSpans += spans.length
    if (this.#inspectedSpans > this.#maxSpans) throw overTraceqlLimit('spans', this.#maxSpans)
    const trace = placeSpans(spans)
    const durationNs = trace.endNs - trace.startNs
    const { minDurationNs, maxDurationNs } = this.#request
    if (minDurationNs !== undefined && durationNs < minDurationNs) return
    if (maxDurationNs !== undefined && durationNs > maxDurationNs) return
    const spansets = this.#evaluator.run(this.pipeline, trace)
    if (spansets.length > 0) this.#found.push(this.#toFound(trace, spansets))
  }

  result(): SearchResult {
    return { traces: this.#found, inspectedTraces: this.#inspectedTraces, inspectedSpans: this.#inspectedSpans }
  }

  #toFound(trace: TracePlace, spansets: readonly PlacedSpanset[]): FoundTrace {
    return {
      traceId: trace.traceId,
      rootServiceName: trace.rootServiceName,
      rootTraceName: trace.rootName,
      startNs: trace.startNs,
      durationNs: trace.endNs - trace.startNs,
      spansets: spansets.map(({ spans, attributes }) => ({
        spans: this.#shown(spans).map((place) => ({ span: place.span, attributes: this.#attributesOf(place) })),
        matched: spans.length,
        attributes,
      })),
      services: countServices(trace),
    }
  }

  #shown(spans: readonly SpanPlace[]): readonly SpanPlace[] {
    const { spansPerSpanset } = this.#request
    return spansPerSpanset > 0 ? spans.slice(0, spansPerSpanset) : spans
  }

  #attributesOf(place: SpanPlace): NamedValue[] {
    return this.#fields.flatMap((field) => {
      const value = valueOfField(field, place)
      return value.type === 'nil' ? [] : [{ name: field.name, value }]
    })
  }
}

function countServices(trace: TracePlace): FoundTrace['services'] {
  const services = new Map<string, { spans: number; errors: number }>()
  for (const { span } of trace.spans) {
    const service = span.resource['service.name']
    const name = service?.type === 'string' ? service.value : ''
    const counts = services.get(name) ?? { spans: 0, errors: 0 }
    services.set(name, counts)
    counts.spans += 1
    if (span.statusCode === ERROR) counts.errors += 1
  }
  return services
}

const ERROR = 2

const TOLD_ANYWAY = new Set(['name', 'duration', 'traceDuration', 'rootName', 'rootServiceName', 'trace:id', 'span:id'])

/** Fields that the pipeline speaks of, each once. */
function shownFields(pipeline: Pipeline): readonly Field[] {
  const fields = new Map<string, Field>()
  for (const field of fieldsOfPipeline(pipeline)) {
    const isTold = field.kind === 'intrinsic' && TOLD_ANYWAY.has(field.name)
    if (!isTold) fields.set(printField(field), field)
  }
  return [...fields.values()]
}
