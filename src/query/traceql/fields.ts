import type { Attributes, AttributeValue } from '../trace-source.ts'
import type { Field, IntrinsicName } from './ast.ts'
import { arrayOfJson } from './json-array.ts'
import type { SpanPlace } from './trace-tree.ts'
import { NIL, type TraceqlValue } from './value.ts'

/**
 * What the field is for the span: one value, or several where the span has several events or links. None when the span
 * has no such thing.
 */
export function valuesOfField(field: Field, place: SpanPlace): readonly TraceqlValue[] {
  if (field.kind === 'intrinsic') return valuesOfIntrinsic(field.name, place)
  if (!field.parent) return valuesOfAttribute(field.scope, field.name, place)
  return place.parent === undefined ? [] : valuesOfAttribute(field.scope, field.name, place.parent)
}

/** The first of them; nil when there is none. */
export function valueOfField(field: Field, place: SpanPlace): TraceqlValue {
  return valuesOfField(field, place)[0] ?? NIL
}

function valuesOfAttribute(
  scope: (Field & { kind: 'attribute' })['scope'],
  name: string,
  place: SpanPlace,
): TraceqlValue[] {
  const { span } = place
  switch (scope) {
    case 'span':
      return lookUp(span.attributes, name)
    case 'resource':
      return lookUp(span.resource, name)
    case 'instrumentation':
      return lookUp(span.scope.attributes, name)
    case 'event':
      return span.events.flatMap(({ attributes }) => lookUp(attributes, name))
    case 'link':
      return span.links.flatMap(({ attributes }) => lookUp(attributes, name))
    case 'any':
      for (const inner of ['span', 'resource', 'event', 'link', 'instrumentation'] as const) {
        const found = valuesOfAttribute(inner, name, place)
        if (found.length > 0) return found
      }
      return []
  }
}

function lookUp(attributes: Attributes, name: string): TraceqlValue[] {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined
  if (value === undefined) return []
  const converted = toTraceqlValue(value)
  return converted.type === 'nil' ? [] : [converted]
}

/** An attribute as TraceQL sees it. */
export function toTraceqlValue(value: AttributeValue): TraceqlValue {
  switch (value.type) {
    case 'string':
    case 'int':
    case 'bool':
      return value
    case 'double':
      return { type: 'float', value: value.value }
    case 'json':
      return arrayOfJson(value.value)
    case 'bytes':
      return NIL
  }
}

function valuesOfIntrinsic(name: IntrinsicName, place: SpanPlace): TraceqlValue[] {
  const { span, trace } = place
  switch (name) {
    case 'event:name':
      return span.events.map((event) => text(event.name))
    case 'event:timeSinceStart':
      return span.events.map(({ timeNs }) => ({ type: 'duration', value: timeNs - span.startNs }))
    case 'link:traceID':
      return span.links.map(({ traceId }) => text(shortTraceId(traceId)))
    case 'link:spanID':
      return span.links.map(({ spanId }) => text(spanId))
    case 'duration':
      return [{ type: 'duration', value: span.endNs - span.startNs }]
    case 'name':
      return [text(span.name)]
    case 'status':
      return [{ type: 'status', value: span.statusCode }]
    case 'statusMessage':
      return [text(span.statusMessage)]
    case 'kind':
      return [{ type: 'kind', value: span.kind }]
    case 'childCount':
      return [int(place.childCount)]
    case 'parent':
      return span.parentSpanId === '' ? [] : [text(span.parentSpanId)]
    case 'rootName':
      return [text(trace.rootName)]
    case 'rootServiceName':
      return [text(trace.rootServiceName)]
    case 'traceDuration':
      return [{ type: 'duration', value: trace.endNs - trace.startNs }]
    case 'nestedSetLeft':
      return [int(place.left)]
    case 'nestedSetRight':
      return [int(place.right)]
    case 'nestedSetParent':
      return [int(place.nestedParent)]
    case 'trace:id':
      return [text(shortTraceId(span.traceId))]
    case 'span:id':
      return [text(span.spanId)]
    case 'span:parentID':
      return [text(span.parentSpanId)]
    case 'instrumentation:name':
      return [text(span.scope.name)]
    case 'instrumentation:version':
      return [text(span.scope.version)]
  }
}

function text(value: string): TraceqlValue {
  return { type: 'string', value }
}

function int(value: number): TraceqlValue {
  return { type: 'int', value: BigInt(value) }
}

/** Trace ids are shown and compared without leading zeros. */
export function shortTraceId(id: string): string {
  return id.replace(/^0+/, '')
}
