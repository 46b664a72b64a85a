import { z } from 'zod'

/** The JSON Schema (draft 2020-12) of what one writes in the file, for editors. */
export function toJsonSchema(schema: z.ZodType): Record<string, unknown> {
  return { ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) }
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: SchemaNode | boolean
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly oneOf?: readonly SchemaNode[]
  readonly allOf?: readonly SchemaNode[]
}

/** The keys that the schema knows in the map at `path`; of several alternatives, all. */
export function knownKeysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let nodes: SchemaNode[] = [toJsonSchema(schema)]
  for (const part of path) nodes = nodes.flatMap(alternatives).flatMap((node) => childrenAt(node, part))
  return [...new Set(nodes.flatMap(alternatives).flatMap((node) => Object.keys(node.properties ?? {})))]
}

function alternatives(node: SchemaNode): SchemaNode[] {
  const choices = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])]
  return [node, ...choices.flatMap(alternatives)]
}

function childrenAt(node: SchemaNode, part: PropertyKey): SchemaNode[] {
  if (typeof part === 'number') return node.items === undefined ? [] : [node.items]
  const property = node.properties?.[String(part)]
  if (property !== undefined) return [property]
  return typeof node.additionalProperties === 'object' ? [node.additionalProperties] : []
}
