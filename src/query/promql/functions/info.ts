import { type Labels, type Matcher, METRIC_NAME } from '../../../model/index.ts'
import { keyOfLabels, labelValue, printLabels, setLabel } from '../../labels.ts'
import { compileMatchers, matchesEmpty } from '../../matchers.ts'
import { escapeRegexp } from '../../regexp.ts'
import { type Expr, type VectorSelector, withoutParens } from '../ast.ts'
import { evaluationError } from '../errors.ts'
import { lastTimes, lookTimes, selectStored } from '../select.ts'
import { hasValues, mergeSameLabels, sampleAt, RowWriter, type StepSeries, type Value } from '../values.ts'
import { type FunctionCall, type PromqlFunction, vectorArg } from './function.ts'

/** The labels by which a series finds the info series that describe it. */
const IDENTIFYING = ['instance', 'job'] as const
const DEFAULT_NAME: Matcher = { name: METRIC_NAME, operator: '=', value: 'target_info' }
const ANY_INFO: Matcher = { name: METRIC_NAME, operator: '=~', value: '.+_info' }

/** What the second argument asks for. */
interface Wanted {
  readonly names: readonly Matcher[]
  readonly data: readonly Matcher[]
  /** Only these labels are added; undefined: all. */
  readonly labels: ReadonlySet<string> | undefined
  /** A series without what is wanted is left out. */
  readonly required: boolean
}

/** An info series with the time of its sample at each step, NaN where it has none. */
interface InfoSeries {
  readonly labels: Labels
  readonly identity: string
  readonly timesMs: Float64Array
}

/** Adds the labels of info series to the series of a vector that have the same `instance` and `job`. */
async function info(call: FunctionCall): Promise<Value> {
  const { args, node, context } = call
  const { count } = context.grid
  const { series } = vectorArg(args, 0)
  const wanted = wantedBy(node.args[1])
  const isInfo = compileMatchers(wanted.names)
  const base = series.filter(({ labels }) => !isInfo(labels))
  const infos = base.length === 0 ? [] : await infoSeries(call, base, wanted)
  const byIdentity = new Map<string, InfoSeries[]>()
  for (const found of infos) byIdentity.set(found.identity, [...(byIdentity.get(found.identity) ?? []), found])
  const rows: StepSeries[] = []
  for (const row of series) {
    if (context.pacer.due()) await context.pacer.pause()
    if (isInfo(row.labels)) rows.push(row)
    else rows.push(...enrich(row, byIdentity.get(identityOf(row.labels)) ?? [], wanted))
  }
  return { type: 'vector', series: mergeSameLabels(rows, count) }
}

function wantedBy(selector: Expr | undefined): Wanted {
  const matchers = selector?.kind === 'vector-selector' ? selector.matchers : []
  const names = matchers.filter(({ name }) => name === METRIC_NAME)
  const data = matchers.filter(({ name }) => name !== METRIC_NAME)
  const isPositive = names.some(({ operator }) => operator === '=' || operator === '=~')
  return {
    names: names.length === 0 ? [DEFAULT_NAME] : isPositive ? names : [ANY_INFO, ...names],
    data,
    labels: data.length === 0 ? undefined : new Set(data.map(({ name }) => name)),
    required: data.some((matcher) => !matchesEmpty(matcher)),
  }
}

async function infoSeries(
  { node, context }: FunctionCall,
  base: readonly StepSeries[],
  { names, data }: Wanted,
): Promise<InfoSeries[]> {
  const identifying = IDENTIFYING.flatMap((name): Matcher[] => {
    const values = new Set(base.map(({ labels }) => labelValue(labels, name)))
    values.delete('')
    if (values.size === 0) return []
    return [{ name, operator: '=~', value: [...values].map(escapeRegexp).join('|') }]
  })
  const place = firstSelector(node.args[0]) ?? { offsetMs: 0 }
  const times = lookTimes(context, place)
  const found = await selectStored([...names, ...identifying, ...data], times, context)
  return found.map(({ series, row }) => {
    if (row.histograms !== undefined) {
      throw evaluationError(`this should be an info metric, with float samples: ${printLabels(series.labels)}`)
    }
    const timesMs = lastTimes(series, times).map((time, step) => (row.present[step] === 0 ? NaN : time))
    return { labels: series.labels, identity: identityOf(series.labels), timesMs }
  })
}

/** Info series are looked up where the series that they describe are: their `@` and offset count. */
function firstSelector(expr: Expr | undefined): VectorSelector | undefined {
  const inner = expr === undefined ? undefined : withoutParens(expr)
  switch (inner?.kind) {
    case 'vector-selector':
      return inner
    case 'matrix-selector':
      return inner.selector
    case 'unary':
    case 'subquery':
    case 'aggregation':
      return firstSelector(inner.expr)
    case 'binary':
      return firstSelector(inner.left) ?? firstSelector(inner.right)
    case 'call':
      for (const arg of inner.args) {
        const found = firstSelector(arg)
        if (found !== undefined) return found
      }
      return undefined
    default:
      return undefined
  }
}

function identityOf(labels: Labels): string {
  return keyOfLabels(labels, IDENTIFYING)
}

/** The row with labels added: one row for each set of them, as info series come and go. */
function enrich(row: StepSeries, infos: readonly InfoSeries[], wanted: Wanted): StepSeries[] {
  const count = row.present.length
  const rows = new Map<string, RowWriter>()
  for (let step = 0; step < count; step++) {
    const sample = sampleAt(row, step)
    if (sample === undefined) continue
    const current = currentInfos(infos, step)
    const added = addedLabels(row.labels, current, wanted)
    if (added.size === 0 && wanted.required) continue
    const key = JSON.stringify([...added])
    let target = rows.get(key)
    if (target === undefined) {
      let { labels } = row
      for (const [name, value] of added) labels = setLabel(labels, name, value)
      target = new RowWriter(labels, count, row.dropName)
      rows.set(key, target)
    }
    target.set(step, sample)
  }
  return [...rows.values()].map((target) => target.finish()).filter(hasValues)
}

/** At a step, for each info metric the series whose sample is the youngest. */
function currentInfos(infos: readonly InfoSeries[], step: number): InfoSeries[] {
  const current = new Map<string, InfoSeries>()
  for (const candidate of infos) {
    const timeMs = candidate.timesMs[step] ?? NaN
    if (Number.isNaN(timeMs)) continue
    const name = labelValue(candidate.labels, METRIC_NAME)
    const known = current.get(name)
    const knownMs = known?.timesMs[step] ?? -Infinity
    if (known !== undefined && knownMs === timeMs) {
      const [first, second] = [known, candidate].map(({ labels }) => `${printLabels(labels)} @ ${String(timeMs)}`)
      throw evaluationError(`found duplicate series for info metric: existing ${first ?? ''}, new ${second ?? ''}`)
    }
    if (timeMs > knownMs) current.set(name, candidate)
  }
  return [...current.values()]
}

function addedLabels(own: Labels, infos: readonly InfoSeries[], { labels: wanted }: Wanted): Map<string, string> {
  const added = new Map<string, string>()
  for (const { labels } of infos) {
    for (const [name, value] of Object.entries(labels)) {
      if (name === METRIC_NAME || labelValue(own, name) !== '') continue
      if (wanted !== undefined && !wanted.has(name)) continue
      if ((added.get(name) ?? value) !== value) throw evaluationError(`conflicting label: ${name}`)
      added.set(name, value)
    }
  }
  return added
}

export const infoFunctions: Readonly<Record<string, PromqlFunction>> = {
  info: { args: ['vector', 'vector'], variadic: 1, returns: 'vector', experimental: true, evaluate: info },
}
