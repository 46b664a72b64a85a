import type { Attributes, AttributeValue, EntityRef, WholeSpan } from '../../query/index.ts'
import { ProtoWriter } from '../../wire/index.ts'
import { parseOtlpJsonValue, type OtlpJsonValue } from './any-value.ts'
import type { ResourceGroup, ScopeGroup } from './group-spans.ts'

/** `tempopb.Trace{ resourceSpans = 1 }`, which is OTLP's TracesData. */
export function writeTrace(groups: readonly ResourceGroup[]): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter(4096)
  writeResourceSpans(writer, groups)
  return copyOf(writer)
}

/**
 * `tempopb.TraceByIDResponse{ trace = 1, metrics = 2, status = 3 (0 is COMPLETE, 1 is PARTIAL), message = 4 }`. Readers rely
 * on the trace being there. A message is for a trace that is not whole.
 */
export function writeTraceByIdResponse(groups: readonly ResourceGroup[], message?: string): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter(4096)
  const trace = writer.begin(1)
  writeResourceSpans(writer, groups)
  writer.end(trace)
  writer.end(writer.begin(2))
  if (message !== undefined) {
    writer.uint32(3, 1)
    writer.string(4, message)
  }
  return copyOf(writer)
}

function copyOf(writer: ProtoWriter): Uint8Array<ArrayBuffer> {
  return new Uint8Array(writer.view())
}

function writeResourceSpans(writer: ProtoWriter, groups: readonly ResourceGroup[]): void {
  for (const { resource, droppedAttributes, entityRefs, schemaUrl, scopes } of groups) {
    const resourceSpans = writer.begin(1)
    const body = writer.begin(1)
    writeAttributes(writer, 1, resource)
    if (droppedAttributes !== 0) writer.uint32(2, droppedAttributes)
    for (const entityRef of entityRefs) writeEntityRef(writer, entityRef)
    writer.end(body)
    for (const scope of scopes) writeScopeSpans(writer, scope)
    if (schemaUrl !== '') writer.string(3, schemaUrl)
    writer.end(resourceSpans)
  }
}

function writeEntityRef(writer: ProtoWriter, { schemaUrl, type, idKeys, descriptionKeys }: EntityRef): void {
  const start = writer.begin(3)
  if (schemaUrl !== '') writer.string(1, schemaUrl)
  if (type !== '') writer.string(2, type)
  for (const key of idKeys) writer.string(3, key)
  for (const key of descriptionKeys) writer.string(4, key)
  writer.end(start)
}

function writeScopeSpans(writer: ProtoWriter, group: ScopeGroup): void {
  const { scope, droppedAttributes, schemaUrl, spans } = group
  const scopeSpans = writer.begin(2)
  const body = writer.begin(1)
  if (scope.name !== '') writer.string(1, scope.name)
  if (scope.version !== '') writer.string(2, scope.version)
  writeAttributes(writer, 3, scope.attributes)
  if (droppedAttributes !== 0) writer.uint32(4, droppedAttributes)
  writer.end(body)
  for (const span of spans) writeSpan(writer, span)
  if (schemaUrl !== '') writer.string(3, schemaUrl)
  writer.end(scopeSpans)
}

function writeSpan(writer: ProtoWriter, span: WholeSpan): void {
  const start = writer.begin(2)
  writer.bytes(1, fromHex(span.traceId))
  writer.bytes(2, fromHex(span.spanId))
  if (span.traceState !== '') writer.string(3, span.traceState)
  if (span.parentSpanId !== '') writer.bytes(4, fromHex(span.parentSpanId))
  writer.string(5, span.name)
  if (span.kind !== 0) writer.uint32(6, span.kind)
  writer.fixed64(7, span.startNs)
  writer.fixed64(8, span.sentEndNs)
  writeAttributes(writer, 9, span.attributes)
  if (span.droppedAttributes !== 0) writer.uint32(10, span.droppedAttributes)
  for (const event of span.events) {
    const body = writer.begin(11)
    writer.fixed64(1, event.timeNs)
    writer.string(2, event.name)
    writeAttributes(writer, 3, event.attributes)
    if (event.droppedAttributes !== 0) writer.uint32(4, event.droppedAttributes)
    writer.end(body)
  }
  if (span.droppedEvents !== 0) writer.uint32(12, span.droppedEvents)
  for (const link of span.links) {
    const body = writer.begin(13)
    writer.bytes(1, fromHex(link.traceId))
    writer.bytes(2, fromHex(link.spanId))
    if (link.traceState !== '') writer.string(3, link.traceState)
    writeAttributes(writer, 4, link.attributes)
    if (link.droppedAttributes !== 0) writer.uint32(5, link.droppedAttributes)
    if (link.flags !== 0) writer.fixed32(6, link.flags)
    writer.end(body)
  }
  if (span.droppedLinks !== 0) writer.uint32(14, span.droppedLinks)
  if (span.statusCode !== 0 || span.statusMessage !== '') {
    const status = writer.begin(15)
    if (span.statusMessage !== '') writer.string(2, span.statusMessage)
    if (span.statusCode !== 0) writer.uint32(3, span.statusCode)
    writer.end(status)
  }
  if (span.flags !== 0) writer.fixed32(16, span.flags)
  writer.end(start)
}

function writeAttributes(writer: ProtoWriter, field: number, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes))
    writeKeyValue(writer, field, key, () => {
      writeValue(writer, 2, value)
    })
}

function writeKeyValue(writer: ProtoWriter, field: number, key: string, value: () => void): void {
  const start = writer.begin(field)
  writer.string(1, key)
  value()
  writer.end(start)
}

function writeValue(writer: ProtoWriter, field: number, value: AttributeValue): void {
  if (value.type === 'json') {
    writeJsonValue(writer, field, parseOtlpJsonValue(value.value))
    return
  }
  const start = writer.begin(field)
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
  }
  writer.end(start)
}

function writeJsonValue(writer: ProtoWriter, field: number, value: OtlpJsonValue): void {
  if (value.type === 'attribute') {
    writeValue(writer, field, value.value)
    return
  }
  const start = writer.begin(field)
  if (value.type === 'none') {
    writer.end(start)
    return
  }
  const body = writer.begin(value.type === 'array' ? 5 : 6)
  if (value.type === 'array') for (const item of value.items) writeJsonValue(writer, 1, item)
  else {
    for (const [key, item] of value.entries)
      writeKeyValue(writer, 1, key, () => {
        writeJsonValue(writer, 2, item)
      })
  }
  writer.end(body)
  writer.end(start)
}

function fromHex(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}
