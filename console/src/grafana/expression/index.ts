import { displayNameOf, type Frame } from '../frame.ts'
import { reduce, toReducer } from '../fields/reduce.ts'
import { type Json, numberAt, objectAt, objectsAt, textAt } from '../json.ts'
import { calculate, type Quantities } from './math.ts'

/**
 * Grafana's server-side expressions, worked out here: `math`, `reduce`, `threshold`; `resample` hands on what it gets. Throws
 * with a reason; undefined for a type that is not known. `refIds` are the queries that were asked.
 */
export function evaluate(
  target: Json,
  frames: readonly Frame[],
  refIds: readonly string[] = [],
): readonly Frame[] | undefined {
  const refId = textAt(target, 'refId') ?? 'A'
  const expression = textAt(target, 'expression') ?? ''
  const sets = setsOf(frames, refIds)
  const from = sets.get(expression.replace(/^\$\{?(.*?)\}?$/, '$1')) ?? []
  switch (target['type']) {
    case 'math':
      return toFrames(calculate(expression, sets), refId)
    case 'reduce':
      return toFrames(
        from.map((one) => reduced(one, target)),
        refId,
      )
    case 'resample':
      return toFrames(from, refId)
    case 'threshold':
      return toFrames(
        from.map((one) => compared(one, target)),
        refId,
      )
    default:
      return undefined
  }
}

/** What was asked and has no answer is empty, not unknown. */
function setsOf(frames: readonly Frame[], refIds: readonly string[]): ReadonlyMap<string, readonly Quantities[]> {
  const sets = new Map<string, Quantities[]>(refIds.map((refId) => [refId, []]))
  for (const { refId, fields } of frames) {
    const time = fields.find(({ type }) => type === 'time')
    for (const field of fields) {
      if (field.type !== 'number') continue
      const isSingle = field.values.length <= 1
      const timesMs = isSingle ? undefined : (time?.values ?? []).map(Number)
      sets.set(refId, [
        ...(sets.get(refId) ?? []),
        { labels: field.labels, name: displayNameOf(field), values: field.values, timesMs },
      ])
    }
  }
  return sets
}

function toFrames(set: readonly Quantities[], refId: string): readonly Frame[] {
  return set.map(({ labels, name, values, timesMs }) => {
    const shown = name === '' || Object.keys(labels).length === 0 ? refId : name
    return {
      refId,
      name: shown,
      fields: [
        { name: 'Time', labels: {}, type: 'time', values: timesMs ?? values.map(() => null) },
        { name: 'Value', labels, displayName: shown, type: 'number', values },
      ],
    }
  })
}

function reduced(one: Quantities, target: Json): Quantities {
  const mode = textAt(objectAt(target, 'settings'), 'mode')
  const put = numberAt(objectAt(target, 'settings'), 'replaceWithValue') ?? 0
  const isNumber = (value: number | null): boolean => value !== null && Number.isFinite(value)
  const values =
    mode === 'dropNN'
      ? one.values.filter(isNumber)
      : mode === 'replaceNN'
        ? one.values.map((value) => (isNumber(value) ? value : put))
        : one.values
  const calc = toReducer(textAt(target, 'reducer') ?? 'last') ?? 'last'
  return { ...one, values: [reduce(values, calc)], timesMs: undefined }
}

function compared(one: Quantities, target: Json): Quantities {
  const evaluator = objectAt(objectsAt(target, 'conditions')[0] ?? {}, 'evaluator')
  const { params } = evaluator
  const [first = 0, second = 0] = Array.isArray(params) ? params.map(Number) : []
  const holds = (value: number): boolean => {
    switch (evaluator['type']) {
      case 'lt':
        return value < first
      case 'within_range':
        return value > first && value < second
      case 'outside_range':
        return value < first || value > second
      default:
        return value > first
    }
  }
  return { ...one, values: one.values.map((value) => (value === null ? null : holds(value) ? 1 : 0)) }
}
