/** What the builder asks for; empty is anything. */
export interface TraceConditions {
  readonly service: string
  readonly name: string
  readonly isError: boolean
  /** As TraceQL writes it: `500ms`. */
  readonly minDuration: string
  readonly maxDuration: string
}

export const NO_CONDITIONS: TraceConditions = {
  service: '',
  name: '',
  isError: false,
  minDuration: '',
  maxDuration: '',
}

export function writeConditions(conditions: TraceConditions): string {
  const parts = [
    conditions.service === '' ? '' : `resource.service.name = ${JSON.stringify(conditions.service)}`,
    conditions.name === '' ? '' : `name = ${JSON.stringify(conditions.name)}`,
    conditions.isError ? 'status = error' : '',
    isDuration(conditions.minDuration) ? `duration >= ${conditions.minDuration}` : '',
    isDuration(conditions.maxDuration) ? `duration <= ${conditions.maxDuration}` : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? '{}' : `{ ${parts.join(' && ')} }`
}

/** Reads back what `writeConditions` wrote; undefined for any other query, which only the editor can show. */
export function readConditions(query: string): TraceConditions | undefined {
  const inside = /^\{(.*)\}$/s.exec(query.trim())?.[1]?.trim()
  if (inside === undefined) return undefined
  let found = NO_CONDITIONS
  for (const part of inside === '' ? [] : inside.split(' && ')) {
    const condition = readCondition(part)
    if (condition === undefined) return undefined
    found = { ...found, ...condition }
  }
  return found
}

function readCondition(part: string): Partial<TraceConditions> | undefined {
  if (part === 'status = error') return { isError: true }
  const [, field, operator, value = ''] = /^(resource\.service\.name|name|duration) (=|>=|<=) (.+)$/.exec(part) ?? []
  if (field === 'duration' && isDuration(value))
    return operator === '>=' ? { minDuration: value } : operator === '<=' ? { maxDuration: value } : undefined
  if (operator !== '=' || !/^"(?:[^"\\]|\\.)*"$/.test(value)) return undefined
  const text = String(JSON.parse(value))
  return field === 'name' ? { name: text } : { service: text }
}

export function isDuration(text: string): boolean {
  return /^\d+(\.\d+)?(ns|us|µs|ms|s|m|h)$/.test(text)
}

/** The same query for its failed spans only; undefined where that cannot be said simply. */
export function onlyErrors(query: string): string | undefined {
  const inside = /^\{([^{}|]*)\}$/.exec(query.trim())?.[1]?.trim()
  if (inside === undefined || inside.includes('status')) return undefined
  return inside === '' ? '{ status = error }' : `{ (${inside}) && status = error }`
}
