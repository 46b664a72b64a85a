import fc from 'fast-check'
import type protobuf from 'protobufjs'

export interface ArbitraryMessageOptions {
  /** How deep messages nest at most. */
  readonly depth: number
  /** For string fields, by the field's full name (`KeyValue.key`): values to prefer over random text. */
  readonly texts?: Readonly<Record<string, readonly string[]>>
}

/**
 * Random messages of a protobufjs type, as plain data for `type.fromObject`: any field may be absent, of a oneof at
 * most one member is set, repeated fields hold up to three elements.
 */
export function arbitraryMessage(
  type: protobuf.Type,
  options: ArbitraryMessageOptions,
): fc.Arbitrary<Record<string, unknown>> {
  type.fieldsArray.forEach((field) => field.resolve())
  const shallower = { ...options, depth: options.depth - 1 }
  const fields: Record<string, fc.Arbitrary<unknown>> = {}
  const alternatives = new Map<string, protobuf.Field[]>()
  for (const field of type.fieldsArray) {
    const message = toMessageType(field)
    if (message !== undefined && options.depth <= 0) continue
    if (field.partOf !== null && !field.partOf.isProto3Optional) {
      alternatives.set(field.partOf.name, [...(alternatives.get(field.partOf.name) ?? []), field])
      continue
    }
    const one = message === undefined ? arbitraryScalar(field, options) : arbitraryMessage(message, shallower)
    fields[field.name] = field.repeated ? fc.array(one, { maxLength: 3 }) : one
  }
  const plain = fc.record(fields, { requiredKeys: [] })
  const oneofs = [...alternatives.values()].map((members) =>
    fc.oneof(
      fc.constant({}),
      ...members.map((field) => {
        const message = toMessageType(field)
        const value = message === undefined ? arbitraryScalar(field, options) : arbitraryMessage(message, shallower)
        return value.map((of) => ({ [field.name]: of }))
      }),
    ),
  )
  return fc.tuple(plain, ...oneofs).map((parts) => Object.assign({}, ...parts) as Record<string, unknown>)
}

function toMessageType(field: protobuf.Field): protobuf.Type | undefined {
  return field.resolvedType !== null && 'fieldsArray' in field.resolvedType ? field.resolvedType : undefined
}

function arbitraryScalar(field: protobuf.Field, options: ArbitraryMessageOptions): fc.Arbitrary<unknown> {
  switch (field.type) {
    case 'string': {
      const preferred = options.texts?.[`${field.parent?.name ?? ''}.${field.name}`]
      const any = fc.string({ maxLength: 40, unit: 'grapheme' })
      return preferred === undefined ? any : fc.oneof(any, fc.constantFrom(...preferred))
    }
    case 'bytes':
      return fc.uint8Array({ maxLength: 16 })
    case 'bool':
      return fc.boolean()
    case 'double':
      return fc.double()
    case 'int32':
    case 'sint32':
      return fc.integer()
    case 'uint32':
    case 'fixed32':
      return fc.nat({ max: 2 ** 32 - 1 })
    case 'int64':
    case 'sfixed64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
    default:
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)
  }
}
