import { AppError } from '../../core/index.ts'
import type { SpanOperand, SpanPredicate, SpanTextField, TraceQuery } from '../../query/index.ts'

/** A search of Jaeger: conditions that one and the same span must meet. */
export interface TraceSearch {
  /** '' for any. */
  readonly service: string
  readonly operation: string
  readonly tags: ReadonlyMap<string, string>
  readonly minDurationNs?: bigint
  readonly maxDurationNs?: bigint
}

/** Traces that a search answers with at most; each may be large. */
const MAX_TRACES = 1_500
const DEFAULT_TRACES = 100

/** The limit as a number of traces; '' is the default. */
export function parseLimit(text: string, name: string): number {
  if (text === '') return DEFAULT_TRACES
  if (!/^[-+]?\d{1,10}$/.test(text)) throw new AppError('invalid', `malformed parameter ${name}: ${text} is no integer`)
  const limit = Number(text)
  if (limit < 1 || limit > MAX_TRACES) {
    throw new AppError('invalid', `parameter ${name} must be from 1 to ${String(MAX_TRACES)}, received ${text}`)
  }
  return limit
}

export function toTraceQuery(
  search: TraceSearch,
  within: { readonly startNs: bigint; readonly endNs: bigint; readonly limit: number },
): TraceQuery {
  return { ...within, predicate: toPredicate(search) }
}

function toPredicate({ service, operation, tags, minDurationNs, maxDurationNs }: TraceSearch): SpanPredicate {
  return {
    kind: 'and',
    of: [
      ...(service === '' ? [] : [isText('resource.service', service)]),
      ...(operation === '' ? [] : [isText('span.name', operation)]),
      ...(minDurationNs === undefined ? [] : [lasts('>=', minDurationNs)]),
      ...(maxDurationNs === undefined ? [] : [lasts('<=', maxDurationNs)]),
      ...[...tags].map(([key, value]) => isTagged(key, value)),
    ],
  }
}

function isText(field: SpanTextField, value: string): SpanPredicate {
  return { kind: 'compare', operand: { kind: 'text', field }, operator: '=', constant: { type: 'string', value } }
}

function lasts(operator: '>=' | '<=', ns: bigint): SpanPredicate {
  const operand: SpanOperand = { kind: 'time', field: 'span.duration' }
  return { kind: 'compare', operand, operator, constant: { type: 'ns', value: ns } }
}

/**
 * A tag is any attribute near the span, whatever its type, by its text; or a field of OpenTelemetry that Jaeger shows as
 * a tag. An event's name is what Jaeger calls the field `event` of a log.
 */
function isTagged(key: string, value: string): SpanPredicate {
  const attribute: SpanPredicate = {
    kind: 'compare',
    operand: { kind: 'attribute', key, levels: ['span', 'resource', 'scope', 'event'] },
    operator: '=',
    constant: { type: 'any', value },
  }
  if (key === 'error') return isError(attribute, value)
  const field = FIELD_TAGS.get(key)?.(value)
  return field === undefined ? attribute : { kind: 'or', of: [attribute, field] }
}

const FIELD_TAGS: ReadonlyMap<string, (value: string) => SpanPredicate | undefined> = new Map([
  ['span.kind', (value) => (value === 'unspecified' ? undefined : isText('span.kind', value))],
  ['otel.status_code', (value) => STATUS_CODES.get(value)],
  ['otel.status_description', (value) => isText('span.statusMessage', value)],
  ['otel.scope.name', (value) => isText('scope.name', value)],
  ['otel.scope.version', (value) => isText('scope.version', value)],
  ['otel.library.name', (value) => isText('scope.name', value)],
  ['otel.library.version', (value) => isText('scope.version', value)],
  ['w3c.tracestate', (value) => isText('span.traceState', value)],
  ['event', (value) => isText('event.name', value)],
])

const STATUS_CODES: ReadonlyMap<string, SpanPredicate> = new Map([
  ['OK', isText('span.status', 'ok')],
  ['ERROR', isText('span.status', 'error')],
])

/** `error` is true of what failed, by its status or by an attribute, and false of all else. */
function isError(attribute: SpanPredicate, value: string): SpanPredicate {
  const failed = isText('span.status', 'error')
  if (value === 'true') return { kind: 'or', of: [attribute, failed] }
  if (value !== 'false') return attribute
  const saysTrue: SpanPredicate = {
    kind: 'compare',
    operand: { kind: 'attribute', key: 'error', levels: ['span'] },
    operator: '=',
    constant: { type: 'any', value: 'true' },
  }
  return { kind: 'not', of: { kind: 'or', of: [failed, saysTrue] } }
}
