/** Grafana's names for what a series comes down to. */
export const REDUCERS = [
  'allIsNull',
  'allIsZero',
  'changeCount',
  'count',
  'delta',
  'diff',
  'diffperc',
  'distinctCount',
  'first',
  'firstNotNull',
  'last',
  'lastNotNull',
  'logmin',
  'max',
  'mean',
  'median',
  'min',
  'nonNullCount',
  'range',
  'step',
  'stdDev',
  'sum',
  'variance',
] as const
export type Reducer = (typeof REDUCERS)[number]

/** Older dashboards call some of them otherwise. */
const OLD_NAMES: Readonly<Record<string, Reducer>> = {
  avg: 'mean',
  current: 'lastNotNull',
  total: 'sum',
  'max-min': 'range',
}

export function toReducer(name: string): Reducer | undefined {
  return OLD_NAMES[name] ?? REDUCERS.find((reducer) => reducer === name)
}

/** What the values come down to; null when there is nothing to say. `p1` to `p99` are percentiles. */
export function reduce(values: readonly (number | null)[], reducer: Reducer | `p${number}`): number | null {
  const known = values.filter((value): value is number => value !== null && !Number.isNaN(value))
  if (isPercentile(reducer)) return percentile(known, Number(reducer.slice(1)) / 100)
  switch (reducer) {
    case 'allIsNull':
      return known.length === 0 ? 1 : 0
    case 'allIsZero':
      return known.length > 0 && known.every((value) => value === 0) ? 1 : 0
    case 'count':
      return values.length
    case 'nonNullCount':
      return known.length
    case 'distinctCount':
      return new Set(values).size
    case 'changeCount':
      return values.reduce<number>((count, value, at) => (at > 0 && value !== values[at - 1] ? count + 1 : count), 0)
    case 'first':
      return values[0] ?? null
    case 'last':
      return values.at(-1) ?? null
    case 'firstNotNull':
      return known[0] ?? null
    case 'lastNotNull':
      return known.at(-1) ?? null
    default:
      return known.length === 0 ? null : reduceKnown(known, reducer)
  }
}

function isPercentile(reducer: string): reducer is `p${number}` {
  return /^p\d{1,2}(\.\d+)?$/.test(reducer)
}

type OfKnown = Exclude<
  Reducer,
  | 'allIsNull'
  | 'allIsZero'
  | 'changeCount'
  | 'count'
  | 'distinctCount'
  | 'first'
  | 'firstNotNull'
  | 'last'
  | 'lastNotNull'
  | 'nonNullCount'
>

function reduceKnown(known: readonly number[], reducer: OfKnown): number | null {
  const first = known[0] ?? 0
  const last = known.at(-1) ?? 0
  const sum = known.reduce((total, value) => total + value, 0)
  const mean = sum / known.length
  const variance = known.reduce((total, value) => total + (value - mean) ** 2, 0) / known.length
  const min = known.reduce((least, value) => Math.min(least, value), Infinity)
  const max = known.reduce((most, value) => Math.max(most, value), -Infinity)
  switch (reducer) {
    case 'sum':
      return sum
    case 'mean':
      return mean
    case 'median':
      return percentile(known, 0.5)
    case 'min':
      return min
    case 'max':
      return max
    case 'logmin':
      return known
        .filter((value) => value > 0)
        .reduce<number | null>((least, value) => Math.min(least ?? value, value), null)
    case 'range':
      return max - min
    case 'diff':
      return last - first
    case 'diffperc':
      return first === 0 ? null : (last - first) / first
    case 'delta':
      return increase(known)
    case 'step':
      return leastStep(known)
    case 'variance':
      return variance
    case 'stdDev':
      return Math.sqrt(variance)
  }
}

/** Of a counter: what goes down has begun anew. */
function increase(values: readonly number[]): number {
  let total = 0
  for (let at = 1; at < values.length; at++) {
    const value = values[at] ?? 0
    const before = values[at - 1] ?? 0
    total += value >= before ? value - before : value
  }
  return total
}

function leastStep(values: readonly number[]): number | null {
  let least: number | null = null
  for (let at = 1; at < values.length; at++) {
    const step = Math.abs((values[at] ?? 0) - (values[at - 1] ?? 0))
    least = least === null ? step : Math.min(least, step)
  }
  return least
}

/** By the nearest rank, as Grafana takes them. */
function percentile(known: readonly number[], quantile: number): number | null {
  if (known.length === 0) return null
  const sorted = [...known].sort((a, b) => a - b)
  if (quantile === 0.5 && sorted.length % 2 === 0) {
    return ((sorted[sorted.length / 2 - 1] ?? 0) + (sorted[sorted.length / 2] ?? 0)) / 2
  }
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.round((sorted.length - 1) * quantile)))] ?? null
}
