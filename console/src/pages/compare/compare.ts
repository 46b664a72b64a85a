import type { Series } from '../../data/prometheus/matrix.ts'
import { writeLabels } from '../../data/prometheus/series-name.ts'
import { isInScope, type Scope } from '../../data/view-state.ts'

/** Labels that say where a series is from; what is compared differs in these by its nature. */
export const IDENTITY: ReadonlySet<string> = new Set([
  'cluster',
  'environment',
  'region',
  'cluster_type',
  'tenant_id',
  'hub_received_at',
])

export type Join = 'mean' | 'sum' | 'max'
type Values = readonly (number | null)[]
type Labels = Readonly<Record<string, string>>

/** One thing on all sides; its parts are in the order of the sides. */
export interface ComparedRow {
  /** The labels as PromQL writes them; unique. */
  readonly key: string
  readonly labels: Labels
  /** Absent where the side has no such series. */
  readonly values: readonly (Values | undefined)[]
  /** The latest value of each side. */
  readonly last: readonly (number | null)[]
  /** How many series of each side became one. */
  readonly joined: readonly number[]
  readonly kind: 'missing' | 'far' | 'alike'
  /** See `apart`; of the two that are farthest from each other. 0 where a side is missing. */
  readonly apart: number
}

/**
 * Series of several sides put beside each other by their labels, without those that say where they are from and those
 * that are to be ignored. Several of one side are joined at each step. In the order of their keys.
 */
export function compareSides(
  sides: readonly (readonly Series[])[],
  options: { readonly ignore: readonly string[]; readonly join: Join; readonly farFrom: number },
): readonly ComparedRow[] {
  const ignored = new Set([...IDENTITY, ...options.ignore])
  const found = new Map<string, { labels: Labels; values: Values[][] }>()
  for (const [side, series] of sides.entries()) {
    for (const one of series) {
      const labels = Object.fromEntries(
        Object.entries(one.labels)
          .filter(([name]) => !ignored.has(name))
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      )
      const key = writeLabels(labels)
      const row = found.get(key) ?? { labels, values: sides.map(() => []) }
      row.values[side]?.push(one.values)
      found.set(key, row)
    }
  }
  return [...found]
    .map(([key, { labels, values }]) => toRow(key, labels, values, options))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

function toRow(
  key: string,
  labels: Labels,
  parts: readonly (readonly Values[])[],
  options: { readonly join: Join; readonly farFrom: number },
): ComparedRow {
  const values = parts.map((list) => joinValues(list, options.join))
  const last = values.map((list) => (list === undefined ? null : lastOf(list)))
  // A series in which nothing is known is as good as none.
  const isMissing = last.some((value) => value === null)
  const [a = null, ...others] = last
  const far = isMissing ? 0 : Math.max(0, ...others.map((b) => apart(a ?? 0, b ?? 0)))
  const kind = isMissing ? 'missing' : far >= options.farFrom ? 'far' : 'alike'
  return { key, labels, values, last, joined: parts.map(({ length }) => length), kind, apart: far }
}

function joinValues(list: readonly Values[], join: Join): Values | undefined {
  const [first] = list
  if (first === undefined || list.length === 1) return first
  return first.map((_, index) => {
    const known = list.map((values) => values[index] ?? null).filter((value) => value !== null)
    if (known.length === 0) return null
    if (join === 'max') return Math.max(...known)
    const sum = known.reduce((total, value) => total + value, 0)
    return join === 'sum' ? sum : sum / known.length
  })
}

function lastOf(values: Values): number | null {
  return values.findLast((value) => value !== null) ?? null
}

/** How far two values are from each other as a share of the smaller one: 1 is twice as much, whoever has more. */
export function apart(a: number, b: number): number {
  if (a === b) return 0
  const smaller = Math.min(Math.abs(a), Math.abs(b))
  return smaller === 0 ? Number.POSITIVE_INFINITY : Math.abs(a - b) / smaller
}

/** A − B, or (A − B) / |B|; null where one is not known, or B is nothing to measure by. */
export function differenceOf(a: number | null, b: number | null, kind: 'absolute' | 'percent'): number | null {
  if (a === null || b === null) return null
  if (kind === 'absolute') return a - b
  if (b === 0) return a === 0 ? 0 : null
  return (a - b) / Math.abs(b)
}

export function differences(
  a: Values | undefined,
  b: Values | undefined,
  kind: 'absolute' | 'percent',
): Values | undefined {
  if (a === undefined || b === undefined) return undefined
  return a.map((value, index) => differenceOf(value, b[index] ?? null, kind))
}

/** What a side is called, and which clusters it is. */
export interface Side {
  readonly id: string
  readonly letter: string
  readonly name: string
  readonly kind: 'cluster' | 'environment'
  readonly scope: Scope
}

const LETTERS = 'ABCD'

export function toSides(ids: readonly string[]): readonly Side[] {
  return ids.map((id, index) => {
    const name = id.slice(id.indexOf(':') + 1)
    const isCluster = id.startsWith('cluster:')
    return {
      id,
      letter: LETTERS[index] ?? '?',
      name,
      kind: isCluster ? 'cluster' : 'environment',
      scope: isCluster ? { environments: [], clusters: [name] } : { environments: [name], clusters: [] },
    }
  })
}

const ENVIRONMENTS = ['prd', 'stg', 'dev']

/** What is compared when the address does not say: two clusters of the scope, two environments, two clusters. */
export function defaultSides(
  fleet: readonly { readonly cluster: string; readonly environment: string }[],
  scope: Scope,
): readonly string[] {
  if (scope.clusters.length >= 2) return scope.clusters.slice(0, 2).map((name) => `cluster:${name}`)
  const within = fleet.filter((one) => isInScope(scope, one))
  const place = (environment: string): number => {
    const at = ENVIRONMENTS.indexOf(environment)
    return at < 0 ? ENVIRONMENTS.length : at
  }
  const environments = [...new Set(within.map(({ environment }) => environment))].sort(
    (a, b) => place(a) - place(b) || (a < b ? -1 : 1),
  )
  if (environments.length >= 2) return environments.slice(0, 2).map((name) => `env:${name}`)
  return within.length >= 2 ? within.slice(0, 2).map(({ cluster }) => `cluster:${cluster}`) : []
}

export interface RowGroup {
  readonly title: string
  readonly note: string
  readonly rows: readonly ComparedRow[]
}

/** Under what is missing where, then far apart, then alike; the rows of a group by their distance or their name. */
export function groupRows(
  rows: readonly ComparedRow[],
  sides: readonly Side[],
  wanted: { readonly show: 'all' | ComparedRow['kind']; readonly find: string; readonly byName: boolean },
): readonly RowGroup[] {
  const words = wanted.find.toLowerCase().split(/\s+/).filter(Boolean)
  const passing = rows.filter(
    ({ key, kind }) =>
      (wanted.show === 'all' || wanted.show === kind) && words.every((word) => key.toLowerCase().includes(word)),
  )
  const groups = new Map<string, ComparedRow[]>()
  for (const row of passing) {
    const title = titleOf(row, sides)
    groups.set(title, [...(groups.get(title) ?? []), row])
  }
  const order = (kind: ComparedRow['kind']): number => ['missing', 'far', 'alike'].indexOf(kind)
  return [...groups]
    .map(([title, list]) => ({
      title,
      note: `${list.length}`,
      // The list is in the order of the names already.
      rows: wanted.byName ? list : list.toSorted((a, b) => b.apart - a.apart),
    }))
    .sort(
      (a, b) => order(a.rows[0]?.kind ?? 'alike') - order(b.rows[0]?.kind ?? 'alike') || (a.title < b.title ? -1 : 1),
    )
}

function titleOf(row: ComparedRow, sides: readonly Side[]): string {
  if (row.kind === 'far') return 'Far apart'
  if (row.kind === 'alike') return 'Alike'
  const having = sides.filter((_, index) => row.last[index] !== null)
  return having.length === 0
    ? 'Without values'
    : `Only in ${having.map(({ letter, name }) => `${letter} ${name}`).join(' and ')}`
}
