import type { Span, SpanEvent, SpanLink } from '../../query/index.ts'
import { attributesKey } from '../otlp/group-spans.ts'
import { attributeTags, spanTags, textTag } from './tags.ts'
import type { UiLog, UiProcess, UiReference, UiSpan, UiTrace } from './ui-model.ts'

const SERVICE_NAME = 'service.name'
/** What the store calls the service of spans that name none; it is in the list of services. */
const NO_SERVICE = 'unknown_service'
const REF_TYPE = 'opentracing.ref_type'

/** The traces in the order of their ids; what has no spans is left out. */
export function toUiTraces(traceIds: readonly string[], spans: readonly Span[]): readonly UiTrace[] {
  const byTrace = new Map<string, Span[]>(traceIds.map((id) => [id, []]))
  for (const span of spans) byTrace.get(span.traceId)?.push(span)
  return [...byTrace].flatMap(([traceId, own]) => (own.length === 0 ? [] : [toUiTrace(traceId, own)]))
}

/** Jaeger prints ids of 64 bits without the half that is zero. */
export function uiTraceId(traceId: string): string {
  return traceId.startsWith(NO_HIGH_HALF) ? traceId.slice(NO_HIGH_HALF.length) : traceId
}

const NO_HIGH_HALF = '0'.repeat(16)

function toUiTrace(traceId: string, spans: readonly Span[]): UiTrace {
  const processes = new Map<string, { readonly id: string; readonly process: UiProcess }>()
  const uiSpans = spans.map((span) => {
    const key = attributesKey(span.resource)
    const known = processes.get(key)
    const process = known ?? { id: `p${String(processes.size + 1)}`, process: toProcess(span) }
    processes.set(key, process)
    return toUiSpan(span, process.id)
  })
  return {
    traceID: uiTraceId(traceId),
    spans: uiSpans,
    processes: Object.fromEntries([...processes.values()].map(({ id, process }) => [id, process])),
    warnings: null,
  }
}

function toProcess({ resource }: Span): UiProcess {
  const service = resource[SERVICE_NAME]
  return {
    serviceName: service?.type === 'string' && service.value !== '' ? service.value : NO_SERVICE,
    tags: attributeTags(resource, SERVICE_NAME),
  }
}

function toUiSpan(span: Span, processID: string): UiSpan {
  const links = span.links.filter(({ traceId, spanId }) => traceId !== '' && spanId !== '')
  return {
    traceID: uiTraceId(span.traceId),
    spanID: span.spanId,
    operationName: span.name,
    references: toReferences(span, links),
    startTime: micros(span.startNs),
    duration: micros(span.endNs - span.startNs),
    tags: spanTags(span),
    logs: span.events.map(toLog),
    processID,
    warnings: links.length < span.links.length ? ['Invalid span link removed'] : null,
  }
}

/** The parent is first, since readers look for it there; a link to it only says of which type the reference is. */
function toReferences(span: Span, links: readonly SpanLink[]): readonly UiReference[] {
  const { traceId, parentSpanId } = span
  const isParent = (link: SpanLink): boolean => link.traceId === traceId && link.spanId === parentSpanId
  const parent = links.findLast(isParent)
  const toReference = (link: SpanLink): UiReference => ({
    refType: refTypeOf(link),
    traceID: uiTraceId(link.traceId),
    spanID: link.spanId,
  })
  const others = links.filter((link) => !isParent(link)).map(toReference)
  if (parentSpanId === '') return others
  const refType = parent === undefined ? 'CHILD_OF' : refTypeOf(parent)
  return [{ refType, traceID: uiTraceId(traceId), spanID: parentSpanId }, ...others]
}

function refTypeOf({ attributes }: SpanLink): UiReference['refType'] {
  const type = attributes[REF_TYPE]
  return type?.type === 'string' && type.value === 'child_of' ? 'CHILD_OF' : 'FOLLOWS_FROM'
}

function toLog({ timeNs, name, attributes }: SpanEvent): UiLog {
  const named = Object.hasOwn(attributes, 'event') ? [] : textTag('event', name)
  return { timestamp: micros(timeNs), fields: [...named, ...attributeTags(attributes)] }
}

/** Since the epoch they are below 2^53 until the year 2255. */
function micros(ns: bigint): number {
  return Number(ns / 1000n)
}
