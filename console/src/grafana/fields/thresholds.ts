import { type Json, numberAt, objectAt, objectsAt, textAt } from '../json.ts'

export interface Threshold {
  /** -Infinity for the base. */
  readonly from: number
  /** A colour of Grafana's: `red`, `dark-orange`, `#rrggbb`, `text`, `transparent`. */
  readonly color: string
}

export interface Thresholds {
  /** Of percentages: of the way from min to max. */
  readonly mode: 'absolute' | 'percentage'
  /** In rising order; the first is the base. */
  readonly steps: readonly Threshold[]
}

/** Undefined where the panel says nothing of thresholds. */
export function readThresholds(config: Json): Thresholds | undefined {
  const json = objectAt(config, 'thresholds')
  const steps = objectsAt(json, 'steps')
    .map((step) => ({ from: numberAt(step, 'value') ?? -Infinity, color: textAt(step, 'color') ?? 'text' }))
    .sort((a, b) => a.from - b.from)
  if (steps.length === 0) return undefined
  return { mode: json['mode'] === 'percentage' ? 'percentage' : 'absolute', steps }
}

/** Where the field's values lie between, for thresholds in percent. */
export interface Extent {
  readonly min: number
  readonly max: number
}

/** The step that the value has reached; the base when it has reached none. */
export function thresholdOf(value: number, thresholds: Thresholds, { min, max }: Extent): Threshold | undefined {
  const reached = thresholds.mode === 'absolute' ? value : ((value - min) / (max - min)) * 100
  return thresholds.steps.findLast(({ from }) => reached >= from) ?? thresholds.steps[0]
}
