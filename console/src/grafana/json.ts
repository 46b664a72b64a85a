/** A JSON object whose shape nobody promised. */
export type Json = Readonly<Record<string, unknown>>

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object under the key; empty where there is none. */
export function objectAt(json: Json, key: string): Json {
  const value = json[key]
  return isJson(value) ? value : {}
}

/** The objects of the list under the key; what is no object is left out. */
export function objectsAt(json: Json, key: string): readonly Json[] {
  const value = json[key]
  return Array.isArray(value) ? value.filter(isJson) : []
}

export function textAt(json: Json, key: string): string | undefined {
  const value = json[key]
  return typeof value === 'string' ? value : undefined
}

/** Numbers may be written as text: older editors did. */
export function numberAt(json: Json, key: string): number | undefined {
  const value = json[key]
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const number = Number(value)
  return Number.isNaN(number) ? undefined : number
}

export function flagAt(json: Json, key: string): boolean | undefined {
  const value = json[key]
  return typeof value === 'boolean' ? value : undefined
}

/** A text, or the texts of a list: how variables keep one value or several. */
export function textsAt(json: Json, key: string): readonly string[] {
  const value = json[key]
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
