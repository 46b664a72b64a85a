import { BYTES, ProtoReader } from '../../proto/index.ts'
import type { AnyValue } from './any-value.ts'
import { type AttributeMap, takeAttribute } from './attributes.ts'

/** Who tells: one object for all items of a `Resource…` message, so that what is made of it can be kept by identity. */
export interface ReadResource {
  readonly attributes: AttributeMap
  readonly schemaUrl: string
}

/** An InstrumentationScope: one object for all items of a `Scope…` message. */
export interface ReadScope {
  readonly name: string
  readonly version: string
  readonly attributes: AttributeMap
}

interface Place {
  readonly resource: ReadResource
  readonly scope: ReadScope
}

// The same three levels in every signal: Export…ServiceRequest → Resource… → Scope… → items.
const RESOURCES = 1
const ABOUT = 1
const CONTAINED = 2
const RESOURCE_SCHEMA_URL = 3
const RESOURCE_ATTRIBUTES = 1
const SCOPE = { name: 1, version: 2, attributes: 3 } as const

/**
 * Steps through the items (log records, spans, metrics) of an OTLP request. While an item is yielded, the reader stands
 * in its message. Resource and scope are known before their items wherever they stand in the bytes, and may come in
 * several pieces. Throws AppError `invalid` for damaged bytes.
 */
export function* walkItems(payload: Uint8Array): Generator<Place & { readonly reader: ProtoReader }> {
  const reader = new ProtoReader(payload)
  for (const perResource of enterEach(reader, RESOURCES)) {
    const resource = readResource(perResource)
    for (const perScope of enterEach(perResource, CONTAINED)) {
      const scope = readScope(perScope)
      for (const item of enterEach(perScope, CONTAINED)) yield { resource, scope, reader: item }
    }
  }
}

/** Yields the reader once inside of each message that stands in this field. */
function* enterEach(reader: ProtoReader, field: number): Generator<ProtoReader> {
  while (reader.next()) {
    if (reader.field !== field) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    yield reader
    reader.leave(outer)
  }
}

function readResource(reader: ProtoReader): ReadResource {
  const attributes = new Map<string, AnyValue>()
  let schemaUrl = ''
  const start = reader.pos
  while (reader.next()) {
    if (reader.field === ABOUT) {
      inMessage(reader, () => {
        if (reader.field === RESOURCE_ATTRIBUTES) takeAttribute(reader, attributes)
        else reader.skip()
      })
    } else if (reader.field === RESOURCE_SCHEMA_URL) {
      reader.expect(BYTES)
      schemaUrl = reader.string()
    } else reader.skip()
  }
  reader.pos = start
  return { attributes, schemaUrl }
}

function readScope(reader: ProtoReader): ReadScope {
  const attributes = new Map<string, AnyValue>()
  let name = ''
  let version = ''
  const readField = (): void => {
    if (reader.field === SCOPE.attributes) {
      takeAttribute(reader, attributes)
    } else if (reader.field === SCOPE.name) {
      reader.expect(BYTES)
      name = reader.string()
    } else if (reader.field === SCOPE.version) {
      reader.expect(BYTES)
      version = reader.string()
    } else reader.skip()
  }
  const start = reader.pos
  while (reader.next()) {
    if (reader.field === ABOUT) inMessage(reader, readField)
    else reader.skip()
  }
  reader.pos = start
  return { name, version, attributes }
}

/** Visits the fields of the message at the reader's current field. */
export function inMessage(reader: ProtoReader, visitField: () => void): void {
  reader.expect(BYTES)
  const outer = reader.enter()
  while (reader.next()) visitField()
  reader.leave(outer)
}
