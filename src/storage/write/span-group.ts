import type { EntityRef } from '../../query/index.ts'
import type { ProtoReader } from '../../wire/index.ts'
import { toGroupText } from '../otlp-rest.ts'
import type { OtlpResource, OtlpScope } from './otlp-walk.ts'
import type { ByteRange } from './payload.ts'

const utf8 = new TextDecoder()

/** The field numbers of EntityRef. */
const SCHEMA_URL = 1
const TYPE = 2
const ID_KEYS = 3
const DESCRIPTION_KEYS = 4

/** What is seldom said of a resource and scope, as text for `otlp_group`; the reader is left where it was. */
export function groupText(reader: ProtoReader, resource: OtlpResource | undefined, scope: OtlpScope): string {
  const { pos: outerPos, end: outerEnd } = reader
  const text = toGroupText({
    resourceSchemaUrl: textAt(reader, resource?.schemaUrl),
    scopeSchemaUrl: textAt(reader, scope.schemaUrl),
    resourceDroppedAttributes: resource?.droppedAttributes ?? 0,
    scopeDroppedAttributes: scope.droppedAttributes,
    entityRefs: (resource?.entityRefs ?? []).map((range) => readEntityRef(reader, range)),
  })
  reader.pos = outerPos
  reader.end = outerEnd
  return text
}

function textAt(reader: ProtoReader, range: ByteRange | undefined): string {
  if (range === undefined || range.isEmpty) return ''
  return utf8.decode(reader.bytes.subarray(range.start, range.end))
}

function readEntityRef(reader: ProtoReader, range: ByteRange): EntityRef {
  reader.pos = range.start
  reader.end = range.end
  let schemaUrl = ''
  let type = ''
  const idKeys: string[] = []
  const descriptionKeys: string[] = []
  while (reader.next()) {
    if (reader.field === SCHEMA_URL) schemaUrl = reader.string()
    else if (reader.field === TYPE) type = reader.string()
    else if (reader.field === ID_KEYS) idKeys.push(reader.string())
    else if (reader.field === DESCRIPTION_KEYS) descriptionKeys.push(reader.string())
    else reader.skip()
  }
  return { schemaUrl, type, idKeys, descriptionKeys }
}
