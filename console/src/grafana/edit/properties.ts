import { isJson, type Json, textAt } from '../json.ts'

/** How a property of a field is edited. */
export type PropertyKind =
  | 'text'
  | 'number'
  | 'unit'
  | 'flag'
  | 'colour'
  | 'thresholds'
  | 'mappings'
  | 'json'
  | {
      readonly choices: readonly string[]
      /** The choice stands under this key of an object, beside `base`. */
      readonly key?: string
      readonly base?: Json
    }

export interface Property {
  readonly id: string
  readonly words: string
  readonly kind: PropertyKind
  /** What it is when it is added. */
  readonly initial: unknown
}

const choice = (id: string, words: string, choices: readonly string[]): Property => ({
  id,
  words,
  kind: { choices },
  initial: choices[0],
})

const keyed = (id: string, words: string, key: string, choices: readonly string[], base: Json = {}): Property => ({
  id,
  words,
  kind: { choices, key, base },
  initial: { ...base, [key]: choices[0] },
})

/** What an override may say that this console shows; everything else is edited as JSON. */
export const PROPERTIES: readonly Property[] = [
  { id: 'displayName', words: 'Name', kind: 'text', initial: '' },
  { id: 'color', words: 'Colour', kind: 'colour', initial: { mode: 'fixed', fixedColor: 'blue' } },
  { id: 'unit', words: 'Unit', kind: 'unit', initial: 'short' },
  { id: 'decimals', words: 'Decimals', kind: 'number', initial: 1 },
  { id: 'min', words: 'Least value', kind: 'number', initial: 0 },
  { id: 'max', words: 'Greatest value', kind: 'number', initial: 100 },
  { id: 'noValue', words: 'Without a value', kind: 'text', initial: '' },
  { id: 'thresholds', words: 'Thresholds', kind: 'thresholds', initial: { mode: 'absolute', steps: [] } },
  { id: 'mappings', words: 'Value mappings', kind: 'mappings', initial: [] },
  choice('custom.drawStyle', 'Drawn as', ['line', 'bars', 'points']),
  { id: 'custom.lineWidth', words: 'Line width', kind: 'number', initial: 1 },
  { id: 'custom.fillOpacity', words: 'Fill, %', kind: 'number', initial: 10 },
  choice('custom.lineInterpolation', 'Line', ['linear', 'smooth', 'stepBefore', 'stepAfter']),
  keyed('custom.lineStyle', 'Stroke', 'fill', ['solid', 'dash', 'dot']),
  choice('custom.showPoints', 'Points', ['auto', 'always', 'never']),
  { id: 'custom.pointSize', words: 'Size of points', kind: 'number', initial: 5 },
  keyed('custom.stacking', 'Stacked', 'mode', ['none', 'normal', 'percent'], { group: 'A' }),
  { id: 'custom.spanNulls', words: 'Gaps are bridged', kind: 'flag', initial: true },
  choice('custom.axisPlacement', 'Axis', ['auto', 'left', 'right', 'hidden']),
  { id: 'custom.axisLabel', words: 'Words at the axis', kind: 'text', initial: '' },
  { id: 'custom.axisSoftMin', words: 'Axis from, at most', kind: 'number', initial: 0 },
  { id: 'custom.axisSoftMax', words: 'Axis to, at least', kind: 'number', initial: 100 },
  choice('custom.transform', 'Turned', ['negative-Y', 'constant']),
  { id: 'custom.fillBelowTo', words: 'Filled down to the series', kind: 'text', initial: '' },
  {
    id: 'custom.hideFrom',
    words: 'Hidden from',
    kind: 'json',
    initial: { viz: true, legend: false, tooltip: false },
  },
  { id: 'custom.hidden', words: 'Column is hidden', kind: 'flag', initial: true },
  { id: 'custom.width', words: 'Width of the column, px', kind: 'number', initial: 120 },
  keyed('custom.cellOptions', 'Cell', 'type', ['auto', 'color-text', 'color-background', 'gauge']),
  { id: 'links', words: 'Links', kind: 'json', initial: [{ title: '', url: '' }] },
]

/** The property by its id, in the older names of some, too. */
export function propertyOf(id: string): Property {
  return PROPERTIES.find((one) => one.id === id) ?? { id, words: id, kind: 'json', initial: null }
}

/** What a choice stands at now. */
export function readChoice(value: unknown, { key }: { readonly key?: string }): string {
  if (key === undefined) return typeof value === 'string' ? value : ''
  return isJson(value) ? (textAt(value, key) ?? '') : ''
}

export function writeChoice(
  value: unknown,
  chosen: string,
  { key, base = {} }: { readonly key?: string; readonly base?: Json },
): unknown {
  return key === undefined ? chosen : { ...base, ...(isJson(value) ? value : {}), [key]: chosen }
}

/** The ways to say which fields an override is for. */
export const MATCHERS = [
  { id: 'byName', words: 'The field named' },
  { id: 'byRegexp', words: 'Names that match' },
  { id: 'byNames', words: 'The fields named' },
  { id: 'byType', words: 'Fields of the type' },
  { id: 'byFrameRefID', words: 'Fields of the query' },
  { id: 'byValue', words: 'Fields whose value' },
] as const

export const VALUE_OPERATORS = ['gte', 'gt', 'lte', 'lt', 'eq', 'neq'] as const

/** What a matcher of the kind looks for at first. */
export function firstOptionsOf(id: string): unknown {
  switch (id) {
    case 'byNames':
      return { mode: 'include', names: [] }
    case 'byType':
      return 'number'
    case 'byFrameRefID':
      return 'A'
    case 'byValue':
      return { reducer: 'allIsZero', op: 'gte', value: 0 }
    default:
      return ''
  }
}
