import type { Panel } from './dashboard.ts'
import { isJson, type Json } from './json.ts'
import { interpolate, textDialect, type Variable } from './variables/interpolate.ts'

/** Filled in where they are followed or read, by rules of their own. */
const LATER = new Set(['links', 'dataLinks', 'content'])

/** The panel with variables filled in where its look says them: names, limits, thresholds, matchers, columns. */
export function fillPanel(panel: Panel, variables: ReadonlyMap<string, Variable>): Panel {
  const parts = ['fieldConfig', 'options'] as const
  if (!parts.some((part) => /\$|\[\[/.test(JSON.stringify(panel.json[part] ?? '')))) return panel
  const json: Json = {
    ...panel.json,
    ...Object.fromEntries(
      parts.flatMap((part) => (part in panel.json ? [[part, fill(panel.json[part], variables)] as const] : [])),
    ),
  }
  return { ...panel, json }
}

function fill(value: unknown, variables: ReadonlyMap<string, Variable>): unknown {
  if (typeof value === 'string') return interpolate(value, variables, textDialect)
  if (Array.isArray(value)) return value.map((one: unknown) => fill(one, variables))
  if (!isJson(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, LATER.has(key) ? inner : fill(inner, variables)]),
  )
}
