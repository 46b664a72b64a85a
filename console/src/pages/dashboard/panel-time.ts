import { type Interval, parseInstant } from '../../data/time-range.ts'
import type { Panel } from '../../grafana/dashboard.ts'
import { flagAt, type Json, numberAt, textAt } from '../../grafana/json.ts'
import { intervalFor } from '../../grafana/variables/built-in.ts'
import { interpolate, type Variable } from '../../grafana/variables/interpolate.ts'

const LEAST_STEP_MS = 1_000
/** What Prometheus and its kind answer at most, for one series. */
const MOST_POINTS = 11_000

type Variables = ReadonlyMap<string, Variable>

function filled(json: Json, key: string, variables: Variables): string {
  return interpolate(textAt(json, key) ?? '', variables, ({ values }) => values.join('')).trim()
}

export interface PageTime {
  readonly variables: Variables
  readonly interval: Interval
  /** Whether the page's range moves with the clock: only then does a panel's own one mean anything. */
  readonly isLive: boolean
}

/**
 * A panel may look at another time than its page: `timeFrom` is how far back (`2h`, `1d/d`), `timeShift` how much earlier
 * (`1w`, `1d/d`). The words are for its head, unless it hides them.
 */
export function panelTime(
  { json }: Panel,
  { interval, variables, isLive }: PageTime,
): { readonly interval: Interval; readonly words: string } {
  const back = filled(json, 'timeFrom', variables).replace(/^now-?/, '')
  const shift = filled(json, 'timeShift', variables)
  const words: string[] = []
  let { fromMs, toMs } = interval
  const from =
    back === '' || !isLive ? undefined : parseInstant(back.startsWith('/') ? `now${back}` : `now-${back}`, toMs, 'utc')
  if (from !== undefined && from < toMs) {
    fromMs = from
    words.push(back.startsWith('/') ? `since the beginning of the ${back.slice(1)}` : `last ${back}`)
  }
  const shifted = [shiftBack(fromMs, shift, 'from'), shiftBack(toMs, shift, 'to')] as const
  if (shifted[0] !== undefined && shifted[1] !== undefined && shifted[0] < shifted[1]) {
    ;[fromMs, toMs] = [shifted[0], shifted[1]]
    words.push(`${shift} earlier`)
  }
  const isHidden = flagAt(json, 'hideTimeOverride') === true
  return { interval: { fromMs, toMs }, words: isHidden ? '' : words.join(', ') }
}

function shiftBack(atMs: number, shift: string, edge: 'from' | 'to'): number | undefined {
  return shift === '' ? undefined : parseInstant(`now-${shift.replace(/^-/, '')}`, atMs, 'utc', { edge })
}

/** How far apart the points of a panel of this width are, in ms. */
export function stepOf(panel: Panel, interval: Interval, width: number, variables: Variables): number {
  const asked = numberAt(panel.json, 'maxDataPoints') ?? Math.max(30, Math.round(width / 2))
  const points = Math.min(MOST_POINTS, Math.max(1, asked))
  const least = Math.max(
    LEAST_STEP_MS,
    leastOf(filled(panel.json, 'interval', variables)),
    // Series of one panel stand on one grid.
    ...panel.targets.map((target) => leastStepOf(target, variables) ?? 0),
  )
  const factor = panel.targets.reduce((most, target) => Math.max(most, factorOf(target)), 1)
  const step = Math.max(intervalFor(interval, points, LEAST_STEP_MS) * factor, least)
  // No panel of a long range with a short step may ask for more than is answered.
  const safe = Math.ceil((interval.toMs - interval.fromMs) / MOST_POINTS / LEAST_STEP_MS) * LEAST_STEP_MS
  return Math.max(step, safe)
}

/** What a target says of its own step, in ms: Prometheus' `interval`, Loki's `step`, the seconds of old graphs. */
export function leastStepOf(target: Json, variables: Variables): number | undefined {
  const least = leastOf(filled(target, 'interval', variables))
  if (least > 0) return least
  const { step } = target
  if (typeof step === 'number') return undefined
  const written = leastOf(filled(target, 'step', variables))
  return written > 0 ? written : undefined
}

/** `intervalFactor` and Loki's `resolution`: every so manyth point. */
function factorOf(target: Json): number {
  const factor = numberAt(target, 'intervalFactor') ?? numberAt(target, 'resolution') ?? 1
  return Math.min(100, Math.max(1, factor))
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000,
}

/** `>30s`, `1m`; 0 for what is none, such as `$__interval`. A bare number is seconds. */
function leastOf(text: string): number {
  const found = /^[<>]?=?\s*(\d+)(ms|[smhdwMy])?$/.exec(text)
  return found === null ? 0 : Number(found[1]) * (UNITS_MS[found[2] ?? 's'] ?? 0)
}
