import { toText } from '../../format/quantity.ts'
import { decimalsOf, type FieldConfig, unitOf } from '../../grafana/fields/config.ts'
import { mapValue, readMappings } from '../../grafana/fields/mappings.ts'
import { readThresholds, thresholdOf } from '../../grafana/fields/thresholds.ts'
import { writeValue } from '../../grafana/fields/units.ts'
import { numberAt, objectAt, textAt } from '../../grafana/json.ts'
import { colourOf } from './colours.ts'

/** A value as its field says that it is shown. */
export interface Shown {
  readonly digits: string
  readonly unit: string
  /** A CSS colour; undefined for what is normal. */
  readonly colour: string | undefined
}

export function showValue(value: number | string | null, config: FieldConfig, nowMs: number): Shown {
  const mapped = mapValue(value, readMappings(config))
  const colour = colourOf(mapped?.color ?? schemeColour(value, config))
  if (mapped?.text !== undefined) return { digits: mapped.text, unit: '', colour }
  if (typeof value === 'string') return { digits: value, unit: '', colour }
  if (value === null) return { digits: textAt(config, 'noValue') ?? 'no data', unit: '', colour: undefined }
  return { ...writeValue(value, unitOf(config), decimalsOf(config), nowMs), colour }
}

export function writeShown({ digits, unit }: Shown): string {
  return toText({ digits, unit })
}

/** By the field's colour scheme; thresholds where it says nothing of one. */
function schemeColour(value: number | string | null, config: FieldConfig): string | undefined {
  const color = objectAt(config, 'color')
  const mode = textAt(color, 'mode') ?? 'thresholds'
  if (mode === 'fixed' || mode === 'shades') return textAt(color, 'fixedColor')
  // Those of a palette say nothing of the value.
  if (typeof value !== 'number' || mode.startsWith('palette')) return undefined
  const most = unitOf(config) === 'percentunit' ? 1 : 100
  const extent = { min: numberAt(config, 'min') ?? 0, max: numberAt(config, 'max') ?? most }
  if (mode.startsWith('continuous-')) {
    const isBounded = numberAt(config, 'max') !== undefined || unitOf(config).startsWith('percent')
    return isBounded ? alongScheme(mode, (value - extent.min) / (extent.max - extent.min)) : undefined
  }
  const thresholds = readThresholds(config)
  if (thresholds === undefined) return undefined
  return thresholdOf(value, thresholds, extent)?.color
}

/** Schemes from green to red, or back: what is far along is warned of. Others say no more than the value itself. */
function alongScheme(mode: string, share: number): string | undefined {
  const towardsRed = /^continuous-(?:Gr|Bl)?YlRd$/.test(mode) ? share : mode === 'continuous-RdYlGr' ? 1 - share : 0
  if (towardsRed >= 0.85) return 'red'
  return towardsRed >= 0.6 ? 'yellow' : undefined
}
