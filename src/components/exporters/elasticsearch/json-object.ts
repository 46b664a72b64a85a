import { type AnyValue, type AttributeMap, flattenAttributes, toPlainJson, toPlainText } from '../../../wire/index.ts'

/** Members of a JSON object whose values are JSON already. */
export type Members = Map<string, string>

function renderObject(members: ReadonlyMap<string, string>): string {
  return `{${renderMembers(members)}}`
}

/** What stands between the braces. */
export function renderMembers(members: ReadonlyMap<string, string>): string {
  return [...members].map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')
}

/** Members of objects in which dots mean nesting: of `a` and `a.b`, the first becomes `a.value`. */
export function renderDotted(members: ReadonlyMap<string, string>): string {
  const parents = new Set<string>()
  for (const key of members.keys()) {
    for (let dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) parents.add(key.slice(0, dot))
  }
  const free: Members = new Map()
  for (const [key, json] of members) {
    let name = key
    while (parents.has(name) || (name !== key && members.has(name))) name += '.value'
    free.set(name, json)
  }
  return renderObject(free)
}

/** Flat attributes under names that Elasticsearch takes. Numbers that are none have no form and no entry. */
export function toMembers(attributes: AttributeMap): Members {
  const members: Members = new Map()
  for (const [key, value] of flattenAttributes(attributes)) {
    const json = toJson(value)
    if (json !== undefined) members.set(toFieldName(key), json)
  }
  return members
}

/** Between dots there must be something. */
export function toFieldName(name: string): string {
  const parts = name.split('.').filter((part) => part.trim() !== '')
  return parts.length === 0 ? '_' : parts.join('.')
}

/** What is nested in arrays is told as text: its fields could contradict those of other documents. */
function toJson(value: AnyValue): string | undefined {
  if (value.kind === 'double' && !Number.isFinite(value.value)) return undefined
  if (value.kind !== 'array') return toPlainJson(value)
  const elements = value.values.flatMap((element) => {
    if (element.kind === 'none') return []
    const isNested = element.kind === 'array' || element.kind === 'map'
    return [isNested ? JSON.stringify(toPlainText(element)) : (toJson(element) ?? 'null')]
  })
  return `[${elements.join(',')}]`
}

/** A time as Elasticsearch reads it, to the nanosecond. */
export function renderTime(ns: bigint): string {
  const whole = new Date(Number(ns / 1_000_000n)).toISOString()
  return `"${whole.slice(0, -1)}${String(ns % 1_000_000n).padStart(6, '0')}Z"`
}
