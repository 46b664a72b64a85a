import type { Attributes, AttributeValue, Span } from '../../query/index.ts'
import { ProtoWriter } from '../../wire/index.ts'

/** Spans as an OTLP `ExportTraceServiceRequest`, each under a resource of its own. */
export function encodeTraces(spans: readonly Span[]): Uint8Array {
  const writer = new ProtoWriter(4096)
  for (const span of spans) {
    nested(writer, 1, () => {
      nested(writer, 1, () => {
        attributes(writer, 1, span.resource)
      })
      nested(writer, 2, () => {
        nested(writer, 1, () => {
          writer.string(1, span.scope.name)
          writer.string(2, span.scope.version)
          attributes(writer, 3, span.scope.attributes)
        })
        nested(writer, 2, () => {
          encodeSpan(writer, span)
        })
      })
    })
  }
  return new Uint8Array(writer.view())
}

function encodeSpan(writer: ProtoWriter, span: Span): void {
  writer.bytes(1, hex(span.traceId))
  writer.bytes(2, hex(span.spanId))
  if (span.parentSpanId !== '') writer.bytes(4, hex(span.parentSpanId))
  writer.string(5, span.name)
  writer.uint32(6, span.kind)
  writer.fixed64(7, span.startNs)
  writer.fixed64(8, span.endNs)
  attributes(writer, 9, span.attributes)
  for (const event of span.events) {
    nested(writer, 11, () => {
      writer.fixed64(1, event.timeNs)
      writer.string(2, event.name)
      attributes(writer, 3, event.attributes)
    })
  }
  for (const link of span.links) {
    nested(writer, 13, () => {
      writer.bytes(1, hex(link.traceId))
      writer.bytes(2, hex(link.spanId))
      attributes(writer, 4, link.attributes)
    })
  }
  nested(writer, 15, () => {
    writer.string(2, span.statusMessage)
    writer.uint32(3, span.statusCode)
  })
}

function attributes(writer: ProtoWriter, field: number, from: Attributes): void {
  for (const [key, value] of Object.entries(from)) {
    nested(writer, field, () => {
      writer.string(1, key)
      nested(writer, 2, () => {
        encodeValue(writer, value)
      })
    })
  }
}

/** Fields of `AnyValue`. */
function encodeValue(writer: ProtoWriter, value: AttributeValue): void {
  switch (value.type) {
    case 'string':
      writer.string(1, value.value)
      break
    case 'bool':
      writer.bool(2, value.value)
      break
    case 'int':
      writer.int64(3, value.value)
      break
    case 'double':
      writer.double(4, value.value)
      break
    case 'bytes':
      writer.bytes(7, value.value)
      break
    case 'json':
      encodeJson(writer, JSON.parse(value.value))
  }
}

/** The array or the list of pairs that a script can write, in OTLP's JSON. */
function encodeJson(writer: ProtoWriter, json: unknown): void {
  const object = isObject(json) ? json : {}
  if ('kvlistValue' in object) {
    nested(writer, 6, () => undefined)
    return
  }
  const array = object['arrayValue']
  const items: readonly unknown[] = isObject(array) && Array.isArray(array['values']) ? array['values'] : []
  nested(writer, 5, () => {
    for (const item of items) {
      nested(writer, 1, () => {
        encodeScalar(writer, isObject(item) ? item : {})
      })
    }
  })
}

function encodeScalar(writer: ProtoWriter, item: Readonly<Record<string, unknown>>): void {
  const { stringValue, boolValue, intValue, doubleValue } = item
  if (typeof stringValue === 'string') writer.string(1, stringValue)
  if (typeof boolValue === 'boolean') writer.bool(2, boolValue)
  if (typeof intValue === 'string') writer.int64(3, BigInt(intValue))
  if (typeof doubleValue === 'number') writer.double(4, doubleValue)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nested(writer: ProtoWriter, field: number, write: () => void): void {
  const start = writer.begin(field)
  write()
  writer.end(start)
}

function hex(text: string): Uint8Array {
  return Buffer.from(text, 'hex')
}
