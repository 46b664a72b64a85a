import { ProtoWriter } from '../../proto/index.ts'
import { type Attributes, writeAttributes } from './attributes.ts'

/*
 * An export request of any signal nests the same way, with the same field numbers:
 *
 *     request     1 resource block, repeated      ResourceMetrics, ResourceLogs, ResourceSpans
 *     block       1 resource   2 scope block, repeated
 *     scope block 1 scope      2 record, repeated  Metric, LogRecord, Span
 *
 * The begin functions return what `ProtoWriter.end` takes.
 */
const RESOURCE_BLOCK = 1
const RESOURCE = 1
const RESOURCE_ATTRIBUTES = 1
const SCOPE_BLOCK = 2
const SCOPE = 1
const SCOPE_NAME = 1
const SCOPE_VERSION = 2

/** A resource in wire bytes, made once and written into many batches. */
export function encodeResource(attributes: Attributes): Uint8Array {
  const writer = new ProtoWriter()
  const resource = writer.begin(RESOURCE)
  writeAttributes(writer, RESOURCE_ATTRIBUTES, attributes)
  writer.end(resource)
  return writer.finish()
}

/** Begins a resource block of a request. `resource` comes from `encodeResource`. */
export function beginResourceBlock(writer: ProtoWriter, resource: Uint8Array): number {
  const block = writer.begin(RESOURCE_BLOCK)
  writer.raw(resource)
  return block
}

/** Begins a scope block of a resource block. */
export function beginScopeBlock(writer: ProtoWriter, name: string, version?: string): number {
  const block = writer.begin(SCOPE_BLOCK)
  const scope = writer.begin(SCOPE)
  writer.string(SCOPE_NAME, name)
  if (version !== undefined) writer.string(SCOPE_VERSION, version)
  writer.end(scope)
  return block
}
