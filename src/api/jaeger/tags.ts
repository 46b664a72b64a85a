import type { Attributes, AttributeValue, Span } from '../../query/index.ts'
import { attributeText } from '../otlp/attribute-text.ts'
import type { UiTag } from './ui-model.ts'

const SPAN_KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'] as const
const STATUS_CODES = ['', 'OK', 'ERROR'] as const
const STATUS_ERROR = 2

/** SpanKind as Jaeger names it; '' if it is not given. */
export function spanKindWord(kind: number): string {
  return SPAN_KINDS[kind] ?? ''
}

/** What Jaeger knows as tags of a span: attributes, and what OpenTelemetry has in fields of its own. */
export function spanTags(span: Span): readonly UiTag[] {
  const { scope, statusCode } = span
  return [
    ...textTag('otel.scope.name', scope.name),
    ...textTag('otel.scope.version', scope.version),
    ...attributeTags(span.attributes),
    ...textTag('span.kind', spanKindWord(span.kind)),
    ...textTag('otel.status_code', STATUS_CODES[statusCode] ?? ''),
    ...(statusCode === STATUS_ERROR ? [{ key: 'error', type: 'bool', value: true } as const] : []),
    ...textTag('otel.status_description', span.statusMessage),
    ...textTag('w3c.tracestate', span.traceState),
  ]
}

/** By key, but without `except`. */
export function attributeTags(attributes: Attributes, except?: string): readonly UiTag[] {
  return Object.entries(attributes)
    .filter(([key]) => key !== except)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, value]) => ({ key, ...toTyped(value) }))
}

export function textTag(key: string, value: string): readonly UiTag[] {
  return value === '' ? [] : [{ key, type: 'string', value }]
}

function toTyped(value: AttributeValue): Omit<UiTag, 'key'> {
  switch (value.type) {
    case 'bool':
      return { type: 'bool', value: value.value }
    case 'int': {
      const number = Number(value.value)
      return { type: 'int64', value: Number.isSafeInteger(number) ? number : value.value.toString() }
    }
    case 'double':
      // JSON has no words for NaN and infinity.
      return { type: 'float64', value: Number.isFinite(value.value) ? value.value : attributeText(value) }
    case 'bytes':
      return { type: 'binary', value: attributeText(value) }
    case 'string':
    case 'json':
      return { type: 'string', value: attributeText(value) }
  }
}
