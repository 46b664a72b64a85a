import type { Scope } from '../../model/index.ts'
import { compileRegexp } from '../regexp.ts'
import type { Attributes, AttributeValue, Span, SpanCondition, TraceSource } from '../trace-source.ts'

/** A span and whose it is. */
export interface OwnedSpan {
  readonly tenant: string
  readonly cluster: string
  readonly span: Span
}

/** Spans in memory; it holds to the scope as the store does. */
export function createMemoryTraces(all: readonly OwnedSpan[]): TraceSource {
  const inScope = (scope: Scope): Span[] =>
    all
      .filter(({ tenant }) => scope.tenants === 'all' || scope.tenants.includes(tenant))
      .filter(({ cluster }) => scope.clusters === undefined || scope.clusters.includes(cluster))
      .map(({ span }) => span)
  return {
    trace: (scope, traceId) => Promise.resolve(inScope(scope).filter((span) => span.traceId === traceId)),
    search: (scope, request) => {
      const spans = inScope(scope)
      const summaries = [...new Set(spans.map((span) => span.traceId))].flatMap((traceId) => {
        const trace = spans.filter((span) => span.traceId === traceId)
        const matched = trace.filter((span) => request.conditions.every((condition) => holds(span, condition)))
        const startNs = trace.reduce((min, span) => (span.startNs < min ? span.startNs : min), trace[0]?.startNs ?? 0n)
        const endNs = trace.reduce((max, span) => (span.endNs > max ? span.endNs : max), 0n)
        const durationNs = endNs - startNs
        if (matched.length === 0 || durationNs < (request.minDurationNs ?? 0n)) return []
        if (request.maxDurationNs !== undefined && durationNs > request.maxDurationNs) return []
        const root = trace.find((span) => span.parentSpanId === '')
        const service = root?.resource['service.name']
        return [
          {
            traceId,
            rootServiceName: service?.type === 'string' ? service.value : '',
            rootTraceName: root?.name ?? '',
            startNs,
            durationNs,
            matched: matched.length,
            spans: matched.slice(0, request.spansPerTrace),
          },
        ]
      })
      return Promise.resolve(summaries.slice(0, request.limit))
    },
    tagNames: (scope) => {
      const names = (pick: (span: Span) => Attributes): string[] =>
        [...new Set(inScope(scope).flatMap((span) => Object.keys(pick(span))))].sort()
      return Promise.resolve({ resource: names((span) => span.resource), span: names((span) => span.attributes) })
    },
    tagValues: (scope, tag) => {
      const found = inScope(scope).flatMap((span) => valuesOf(span, tag))
      const unique = new Map(found.map((value) => [`${value.type} ${String(value.value)}`, value]))
      return Promise.resolve([...unique.values()])
    },
  }
}

function valuesOf(span: Span, tag: string): AttributeValue[] {
  if (tag === 'name') return [{ type: 'string', value: span.name }]
  const name = tag.replace(/^(resource|span)?\./, '')
  const places = tag.startsWith('resource.')
    ? [span.resource]
    : tag.startsWith('span.')
      ? [span.attributes]
      : [span.attributes, span.resource]
  return places.flatMap((place) => place[name] ?? [])
}

function holds(span: Span, { field, operator, value }: SpanCondition): boolean {
  const actual =
    field.kind === 'attribute'
      ? valuesOf(span, `${field.scope === 'any' ? '' : field.scope}.${field.name}`)[0]
      : intrinsic(span, field.kind)
  if (actual === undefined) return false
  if (operator === '=~')
    return compileRegexp(String(value.value), { dotMatchesNewline: false }).matchesWhole(String(actual.value))
  if (operator === '!~')
    return !compileRegexp(String(value.value), { dotMatchesNewline: false }).matchesWhole(String(actual.value))
  if (operator === '=') return actual.type === value.type && actual.value === value.value
  if (operator === '!=') return actual.value !== value.value
  if (operator === '>') return actual.value > value.value
  if (operator === '>=') return actual.value >= value.value
  return operator === '<' ? actual.value < value.value : actual.value <= value.value
}

function intrinsic(span: Span, kind: 'name' | 'duration' | 'status' | 'kind'): AttributeValue {
  switch (kind) {
    case 'name':
      return { type: 'string', value: span.name }
    case 'duration':
      return { type: 'int', value: span.endNs - span.startNs }
    case 'status':
      return { type: 'int', value: BigInt(span.statusCode) }
    case 'kind':
      return { type: 'int', value: BigInt(span.kind) }
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
