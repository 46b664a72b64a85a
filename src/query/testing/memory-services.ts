import type { Scope } from '../../model/index.ts'
import { compileRegexp } from '../regexp.ts'
import type { ServiceSource, TraceOverview, WholeSpan } from '../service-source.ts'
import type {
  SpanConstant,
  SpanLevel,
  SpanOperand,
  SpanPredicate,
  SpanTextField,
  SpanTimeField,
} from '../span-predicate.ts'
import type { Attributes, AttributeValue, Span, SpanEvent, SpanLink } from '../trace-source.ts'
import type { OwnedSpan } from './memory-traces.ts'

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']
const STATUSES = ['unset', 'ok', 'error']

/** Spans in memory, with the meaning of predicates spelled out; it holds to the scope as the store does. */
export function createMemoryServices(all: readonly OwnedSpan[]): ServiceSource {
  const inScope = (scope: Scope): Span[] =>
    all
      .filter(({ tenant }) => scope.tenants === 'all' || scope.tenants.includes(tenant))
      .filter(({ cluster }) => scope.clusters === undefined || scope.clusters.includes(cluster))
      .map(({ span }) => span)
  const spansOf = (scope: Scope, ids: readonly string[]): Span[] =>
    inScope(scope)
      .filter(({ traceId }) => ids.includes(traceId))
      .sort(byStart)
  return {
    services: (scope) => Promise.resolve([...new Set(inScope(scope).map(serviceOf))].sort()),
    operations: (scope, service) => {
      const found = inScope(scope).filter((span) => serviceOf(span) === service)
      const unique = new Map(found.map(({ name, kind }) => [`${name} ${String(kind)}`, { name, kind }]))
      return Promise.resolve([...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, operation]) => operation))
    },
    links: (scope, { startMs, endMs }) => {
      const spans = inScope(scope)
      const calls = new Map<string, { parent: string; child: string; calls: number }>()
      for (const child of spans.filter(({ startNs }) => startNs >= ns(startMs) && startNs <= ns(endMs))) {
        const parent = spans.find(({ traceId, spanId }) => traceId === child.traceId && spanId === child.parentSpanId)
        if (parent === undefined || serviceOf(parent) === serviceOf(child)) continue
        const key = `${serviceOf(parent)} ${serviceOf(child)}`
        const link = calls.get(key) ?? { parent: serviceOf(parent), child: serviceOf(child), calls: 0 }
        link.calls++
        calls.set(key, link)
      }
      return Promise.resolve([...calls].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, link]) => link))
    },
    findTraces: (scope, { predicate, startNs, endNs, limit }) => {
      const found = inScope(scope)
        .filter((span) => span.startNs >= startNs && span.startNs <= endNs && meetsPredicate(span, predicate))
        .sort((a, b) => -byStart(a, b))
      return Promise.resolve([...new Set(found.map(({ traceId }) => traceId))].slice(0, limit))
    },
    overviews: (scope, ids) => Promise.resolve(ids.flatMap((id) => overviewOf(id, spansOf(scope, [id])))),
    spansOf: (scope, ids, { startNs = 0n, endNs }) =>
      Promise.resolve(
        spansOf(scope, ids)
          .filter((span) => span.startNs >= startNs && (endNs === undefined || span.startNs <= endNs))
          .map(toWhole),
      ),
  }
}

function toWhole(span: Span): WholeSpan {
  return {
    ...{ sentEndNs: span.endNs, resourceSchemaUrl: '', resourceDroppedAttributes: 0, entityRefs: [] },
    ...{ scopeSchemaUrl: '', scopeDroppedAttributes: 0, droppedAttributes: 0, droppedEvents: 0, droppedLinks: 0 },
    ...span,
    events: span.events.map((event) => ({ droppedAttributes: 0, ...event })),
    links: span.links.map((link) => ({ droppedAttributes: 0, flags: 0, ...link })),
  }
}

function ns(ms: number): bigint {
  return BigInt(ms) * 1_000_000n
}

function byStart(a: Span, b: Span): number {
  return a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : 0
}

function serviceOf(span: Span): string {
  const name = span.resource['service.name']
  return name?.type === 'string' && name.value !== '' ? name.value : 'unknown_service'
}

function overviewOf(traceId: string, spans: readonly Span[]): readonly TraceOverview[] {
  const [first] = spans
  if (first === undefined) return []
  const root = spans.find(({ parentSpanId }) => parentSpanId === '')
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const names = [...new Set(spans.map(serviceOf))].sort()
  const isError = (span: Span): boolean => span.statusCode === 2
  return [
    {
      traceId,
      rootServiceName: root === undefined ? '' : serviceOf(root),
      rootOperationName: root?.name ?? '',
      startNs: first.startNs,
      endNs: spans.reduce((max, { endNs }) => (endNs > max ? endNs : max), first.endNs),
      spans: spans.length,
      errors: spans.filter(isError).length,
      orphans: spans.filter(({ parentSpanId }) => parentSpanId !== '' && !ids.has(parentSpanId)).length,
      services: names.map((name) => {
        const own = spans.filter((span) => serviceOf(span) === name)
        return { name, spans: own.length, errors: own.filter(isError).length }
      }),
    },
  ]
}

/** Whether the span passes, as the predicate's description has it. */
export function meetsPredicate(span: Span, predicate: SpanPredicate): boolean {
  return passes(span, predicate, {})
}

/** The one event or link that is at hand, within `some`. */
interface AtHand {
  readonly event?: SpanEvent
  readonly link?: SpanLink
}

type Value = AttributeValue | { readonly type: 'ns'; readonly value: bigint }

function passes(span: Span, predicate: SpanPredicate, atHand: AtHand): boolean {
  switch (predicate.kind) {
    case 'and':
      return predicate.of.every((one) => passes(span, one, atHand))
    case 'or':
      return predicate.of.some((one) => passes(span, one, atHand))
    case 'not':
      return !passes(span, predicate.of, atHand)
    case 'some':
      return predicate.level === 'event'
        ? span.events.some((event) => passes(span, predicate.of, { event }))
        : span.links.some((link) => passes(span, predicate.of, { link }))
    case 'exists':
      return valuesOf(span, predicate.operand, atHand).length > 0
    case 'matches': {
      const regexp = compileRegexp(predicate.pattern, { dotMatchesNewline: false })
      return valuesOf(span, predicate.operand, atHand).some((value) => regexp.matchesPart(plain(value)))
    }
    case 'compare': {
      const values = valuesOf(span, predicate.operand, atHand)
      const { operator, constant } = predicate
      if (operator === '!=') return values.length > 0 && !values.some((value) => isEqual(value, constant))
      if (operator === '=') return values.some((value) => isEqual(value, constant))
      return values.some((value) => {
        const order = compare(value, constant)
        if (order === undefined) return false
        return operator === '>' ? order > 0 : operator === '>=' ? order >= 0 : operator === '<' ? order < 0 : order <= 0
      })
    }
    case 'in': {
      const values = valuesOf(span, predicate.operand, atHand)
      const one = values.some((value) => predicate.constants.some((constant) => isEqual(value, constant)))
      return predicate.negated ? values.length > 0 && !one : one
    }
  }
}

function isEqual(value: Value, constant: SpanConstant): boolean {
  if (constant.type === 'any') return plain(value) === constant.value
  return value.type === constant.type && value.value === constant.value
}

function compare(value: Value, constant: SpanConstant): number | undefined {
  if (constant.type === 'bool' || value.type === 'bytes') return undefined
  if (constant.type !== 'any') return value.type === constant.type ? orderOf(value.value, constant.value) : undefined
  const number = Number(constant.value)
  const isNumber = constant.value !== '' && !Number.isNaN(number)
  if (isNumber) return value.type === 'int' || value.type === 'double' ? orderOf(value.value, number) : undefined
  return value.type === 'string' ? orderOf(value.value, constant.value) : undefined
}

function orderOf(a: Value['value'], b: SpanConstant['value']): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function plain(value: Value): string {
  return value.type === 'bytes' ? Buffer.from(value.value).toString('base64') : String(value.value)
}

function valuesOf(span: Span, operand: SpanOperand, atHand: AtHand): readonly Value[] {
  switch (operand.kind) {
    case 'attribute':
      return operand.levels.flatMap((level) => mapsOf(span, level, atHand).flatMap((map) => map[operand.key] ?? []))
    case 'text':
      return textsOf(span, operand.field, atHand).map((value) => ({ type: 'string', value }))
    case 'time':
      return timesOf(span, operand.field, atHand).map((value) => ({ type: 'ns', value }))
  }
}

function mapsOf(span: Span, level: SpanLevel, atHand: AtHand): readonly Attributes[] {
  switch (level) {
    case 'span':
      return [span.attributes]
    case 'resource':
      return [span.resource]
    case 'scope':
      return [span.scope.attributes]
    case 'event':
      return eventsOf(span, atHand).map(({ attributes }) => attributes)
    case 'link':
      return linksOf(span, atHand).map(({ attributes }) => attributes)
  }
}

function eventsOf(span: Span, { event }: AtHand): readonly SpanEvent[] {
  return event === undefined ? span.events : [event]
}

function linksOf(span: Span, { link }: AtHand): readonly SpanLink[] {
  return link === undefined ? span.links : [link]
}

function textsOf(span: Span, field: SpanTextField, atHand: AtHand): readonly string[] {
  const ifSet = (text: string): string[] => (text === '' ? [] : [text])
  switch (field) {
    case 'span.traceID':
      return [span.traceId]
    case 'span.spanID':
      return [span.spanId]
    case 'span.parentSpanID':
      return ifSet(span.parentSpanId)
    case 'span.traceState':
      return ifSet(span.traceState)
    case 'span.name':
      return [span.name]
    case 'span.kind':
      return [KINDS[span.kind] ?? '']
    case 'span.status':
      return [STATUSES[span.statusCode] ?? '']
    case 'span.statusMessage':
      return ifSet(span.statusMessage)
    case 'resource.service':
      return [serviceOf(span)]
    case 'scope.name':
      return ifSet(span.scope.name)
    case 'scope.version':
      return ifSet(span.scope.version)
    case 'event.name':
      return eventsOf(span, atHand).map(({ name }) => name)
    case 'link.traceID':
      return linksOf(span, atHand).map(({ traceId }) => traceId)
    case 'link.spanID':
      return linksOf(span, atHand).map(({ spanId }) => spanId)
    case 'link.traceState':
      return linksOf(span, atHand).map(({ traceState }) => traceState)
  }
}

function timesOf(span: Span, field: SpanTimeField, atHand: AtHand): readonly bigint[] {
  switch (field) {
    case 'span.startTime':
      return [span.startNs]
    case 'span.endTime':
      return [span.endNs]
    case 'span.duration':
      return [span.endNs - span.startNs]
    case 'event.time':
      return eventsOf(span, atHand).map(({ timeNs }) => timeNs)
    case 'event.timeSinceStart':
      return eventsOf(span, atHand).map(({ timeNs }) => timeNs - span.startNs)
  }
}
