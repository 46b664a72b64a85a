/**
 * A value of TraceQL: a literal of a query, or what a field of a span holds. `int` has 64 bits, durations count
 * nanoseconds, `status` and `kind` are OTLP's numbers. Attributes that hold an array of one plain type are arrays;
 * what TraceQL has no type for (maps, bytes, mixed arrays) is nil.
 */
export type TraceqlValue =
  | { readonly type: 'nil' }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'duration'; readonly value: bigint }
  | { readonly type: 'status'; readonly value: number }
  | { readonly type: 'kind'; readonly value: number }
  | { readonly type: 'array'; readonly items: readonly ArrayItem[] }

export type ArrayItem = Extract<TraceqlValue, { readonly type: 'string' | 'int' | 'float' | 'bool' }>

/** What is known of an expression's type before a span is looked at; `attribute` is anything. */
export type StaticType = Exclude<TraceqlValue['type'], 'array'> | 'attribute'

export const NIL: TraceqlValue = { type: 'nil' }
export const TRUE: TraceqlValue = { type: 'bool', value: true }
export const FALSE: TraceqlValue = { type: 'bool', value: false }

/** OTLP's StatusCode and SpanKind by TraceQL's words, at the place of their number. */
export const STATUS_WORDS = ['unset', 'ok', 'error'] as const
export const KIND_WORDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const

export function isNumeric(type: string): type is 'int' | 'float' | 'duration' {
  return type === 'int' || type === 'float' || type === 'duration'
}

/** The value as a float; NaN when it is no number. */
export function toFloat(value: TraceqlValue): number {
  switch (value.type) {
    case 'int':
    case 'duration':
      return Number(value.value)
    case 'float':
      return value.value
    case 'nil':
    case 'string':
    case 'bool':
    case 'status':
    case 'kind':
    case 'array':
      return NaN
  }
}

/** A text that two values share only if they are the same value of the same type. */
export function valueKey(value: TraceqlValue): string {
  switch (value.type) {
    case 'nil':
      return 'n'
    case 'array':
      return `a${JSON.stringify(value.items.map(valueKey))}`
    case 'string':
    case 'int':
    case 'float':
    case 'bool':
    case 'duration':
    case 'status':
    case 'kind':
      return `${value.type[0] ?? ''}${value.type[1] ?? ''}:${String(value.value)}`
  }
}

/** The value as TraceQL shows it: strings bare, floats shortest, durations as Go writes them. */
export function formatValue(value: TraceqlValue): string {
  switch (value.type) {
    case 'nil':
      return 'nil'
    case 'string':
      return value.value
    case 'int':
    case 'bool':
      return String(value.value)
    case 'float':
      return formatFloat(value.value)
    case 'duration':
      return formatGoDuration(value.value)
    case 'status':
      return STATUS_WORDS[value.value] ?? `status(${String(value.value)})`
    case 'kind':
      return KIND_WORDS[value.value] ?? `kind(${String(value.value)})`
    case 'array':
      return `[${value.items.map(formatValue).join(', ')}]`
  }
}

function formatFloat(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}

const UNITS = [
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
] as const

/** A duration in nanoseconds as Go prints it: `1h2m3.5s`, `1.5ms`, `0s`. */
export function formatGoDuration(ns: bigint): string {
  if (ns < 0n) return `-${formatGoDuration(-ns)}`
  if (ns === 0n) return '0s'
  if (ns < 1_000n) return `${String(ns)}ns`
  if (ns < 1_000_000n) return `${decimal(ns, 3)}µs`
  if (ns < 1_000_000_000n) return `${decimal(ns, 6)}ms`
  let rest = ns
  let text = ''
  for (const [unit, size] of UNITS) {
    if (rest >= size || text !== '') text += `${String(rest / size)}${unit}`
    rest %= size
  }
  return `${text}${decimal(rest, 9)}s`
}

/** The number with its point moved to the left. */
function decimal(value: bigint, places: number): string {
  const scale = 10n ** BigInt(places)
  const fraction = String(value % scale)
    .padStart(places, '0')
    .replace(/0+$/, '')
  return `${String(value / scale)}${fraction === '' ? '' : `.${fraction}`}`
}
