import type { Scope } from '../../model/index.ts'
import type { Attributes, AttributeValue, Span, TagScope, TraceSource } from '../trace-source.ts'
import { valuesOfField } from '../traceql/fields.ts'
import { placeSpans } from '../traceql/trace-tree.ts'
import { formatValue, type TraceqlValue } from '../traceql/value.ts'
import { meetsNeed, traceMeetsNeed } from './meets-need.ts'

/** A span and whose it is. */
export interface OwnedSpan {
  readonly tenant: string
  readonly cluster: string
  readonly span: Span
}

/** Spans in memory; it holds to the scope as the store does, and counts nothing by itself. */
export function createMemoryTraces(all: readonly OwnedSpan[]): TraceSource {
  const inScope = (scope: Scope): Span[] =>
    all
      .filter(({ tenant }) => scope.tenants === 'all' || scope.tenants.includes(tenant))
      .filter(({ cluster }) => scope.clusters === undefined || scope.clusters.includes(cluster))
      .map(({ span }) => span)
      .sort((a, b) => (a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : 0))
  const tracesOf = (scope: Scope): Map<string, Span[]> => {
    const traces = new Map<string, Span[]>()
    for (const span of inScope(scope)) traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), span])
    return traces
  }
  return {
    trace: (scope, traceId) => Promise.resolve(inScope(scope).filter((span) => span.traceId === traceId)),
    candidates: async function* (scope, { need, startMs, endMs }) {
      const ids = [...tracesOf(scope)].flatMap(([id, spans]) => {
        const inRange = spans.filter((span) => isBetween(span.startNs, BigInt(startMs) * MS, BigInt(endMs) * MS))
        const last = inRange.at(-1)
        return last === undefined || !traceMeetsNeed(inRange, need) ? [] : [{ id, last: last.startNs }]
      })
      ids.sort((a, b) => (a.last > b.last ? -1 : a.last < b.last ? 1 : a.id < b.id ? -1 : 1))
      yield await Promise.resolve(ids.map(({ id }) => id))
    },
    spansOf: (scope, ids) => {
      const traces = tracesOf(scope)
      return Promise.resolve(new Map(ids.map((id) => [id, traces.get(id) ?? []])))
    },
    spans: async function* (scope, { need, startNs, endNs }) {
      yield await Promise.resolve(
        inScope(scope).filter((span) => isBetween(span.startNs, startNs + 1n, endNs) && meetsNeed(span, need)),
      )
    },
    countSpans: () => Promise.resolve(undefined),
    tagNames: (scope, { startMs, endMs, need, limit, scopes }) => {
      const spans = inScope(scope)
        .filter((span) => isBetween(span.startNs, BigInt(startMs) * MS, BigInt(endMs) * MS))
        .filter((span) => meetsNeed(span, need))
      const names = (wanted: TagScope): string[] =>
        scopes.includes(wanted)
          ? [...new Set(spans.flatMap((span) => attributesOf(span, wanted).flatMap(Object.keys)))]
              .sort()
              .slice(0, limit)
          : []
      return Promise.resolve({
        span: names('span'),
        resource: names('resource'),
        event: names('event'),
        link: names('link'),
        instrumentation: names('instrumentation'),
      })
    },
    tagValues: (scope, { startMs, endMs, need, limit, field }) => {
      const values = [...tracesOf(scope).values()]
        .flatMap((spans) => placeSpans(spans).spans)
        .filter(({ span }) => isBetween(span.startNs, BigInt(startMs) * MS, BigInt(endMs) * MS))
        .filter(({ span }) => meetsNeed(span, need))
        .flatMap((place) => valuesOfField(field, place).flatMap(plainOf))
      const unique = new Map(values.map((value) => [`${String(value.value)} ${value.type}`, value]))
      return Promise.resolve(
        [...unique]
          .sort()
          .map(([, value]) => value)
          .slice(0, limit),
      )
    },
  }
}

const MS = 1_000_000n

function isBetween(ns: bigint, first: bigint, last: bigint): boolean {
  return ns >= first && ns <= last
}

function attributesOf(span: Span, scope: TagScope): readonly Attributes[] {
  switch (scope) {
    case 'span':
      return [span.attributes]
    case 'resource':
      return [span.resource]
    case 'instrumentation':
      return [span.scope.attributes]
    case 'event':
      return span.events.map(({ attributes }) => attributes)
    case 'link':
      return span.links.map(({ attributes }) => attributes)
  }
}

/** Each item of an array is a value. */
function plainOf(value: TraceqlValue): AttributeValue[] {
  switch (value.type) {
    case 'string':
    case 'int':
    case 'bool':
      return [value]
    case 'float':
      return [{ type: 'double', value: value.value }]
    case 'array':
      return value.items.flatMap(plainOf)
    case 'status':
    case 'kind':
      return [{ type: 'string', value: formatValue(value) }]
    case 'nil':
    case 'duration':
      return []
  }
}

/** A span with nothing special; give what matters. */
export function spanOf(span: Partial<Span>): Span {
  return {
    traceId: '0123456789abcdef0123456789abcdef',
    spanId: '0123456789abcdef',
    parentSpanId: '',
    traceState: '',
    name: 'span',
    kind: 0,
    statusCode: 0,
    statusMessage: '',
    startNs: 0n,
    endNs: 0n,
    flags: 0,
    resource: {},
    scope: { name: '', version: '', attributes: {} },
    attributes: {},
    events: [],
    links: [],
    ...span,
  }
}
