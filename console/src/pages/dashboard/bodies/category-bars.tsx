import type { ReactElement } from 'react'
import { valueTicks } from '../../../charts/ticks.ts'
import { useElementSize } from '../../../data/element-size.ts'
import { chartUnitOf, writeValue } from '../../../grafana/fields/units.ts'
import { toText } from '../../../format/quantity.ts'

export interface BarGroup {
  readonly name: string
  /** One a category. */
  readonly values: readonly (number | null)[]
  readonly fill: string
}

const TOP_PX = 8
const RIGHT_PX = 16
const BOTTOM_PX = 22
const LEFT_PX = 68
const NAME_PX = 132
/** Of the room of a category. */
const FILLED = 0.8
const LABEL_PX = 7

/** Bars by categories, side by side or on each other; standing or lying. */
export function CategoryBars(props: {
  readonly categories: readonly string[]
  readonly groups: readonly BarGroup[]
  readonly stacking: 'none' | 'normal' | 'percent'
  readonly isLying: boolean
  /** Grafana's id of a unit. */
  readonly unit: string
  readonly decimals: number | undefined
  readonly showsValues: boolean
  readonly summary: string
}): ReactElement {
  const { ref, width, height } = useElementSize<HTMLDivElement>()
  return (
    <div className="category-bars" ref={ref}>
      {width > 120 && height > 60 ? <Plot {...props} width={width} height={height} /> : null}
    </div>
  )
}

type PlotProps = Parameters<typeof CategoryBars>[0] & { readonly width: number; readonly height: number }

function Plot(props: PlotProps): ReactElement {
  const { categories, groups, isLying, width, height, stacking } = props
  const columns = stacking === 'percent' ? toShares(groups) : groups.map(({ values }) => values)
  const unit = stacking === 'percent' ? 'percentunit' : props.unit
  const { unit: axisUnit, factor } = chartUnitOf(unit)
  const [low, high] = extentOf(columns, stacking !== 'none')
  const ticks = valueTicks(low * factor, high * factor, axisUnit).map((tick) => tick / factor)
  const left = isLying ? NAME_PX : LEFT_PX
  const length = isLying ? width - left - RIGHT_PX : height - TOP_PX - BOTTOM_PX
  const room = isLying ? height - TOP_PX - BOTTOM_PX : width - left - RIGHT_PX
  const at = (value: number): number => ((value - low) / (high - low)) * length
  const band = room / Math.max(1, categories.length)
  const write = (value: number | null): string => toText(writeValue(value, unit, props.decimals))
  const every = isLying ? Math.ceil(14 / band) : Math.ceil(labelWidth(categories) / band)
  return (
    <svg width={width} height={height} role="img" aria-label={props.summary}>
      {ticks.map((tick) =>
        isLying ? (
          <g key={tick}>
            <line x1={left + at(tick)} x2={left + at(tick)} y1={TOP_PX} y2={TOP_PX + room} stroke="var(--grid)" />
            <text className="axis-label" x={left + at(tick)} y={height - 7} textAnchor="middle">
              {write(tick)}
            </text>
          </g>
        ) : (
          <g key={tick}>
            <line
              x1={left}
              x2={width - RIGHT_PX}
              y1={TOP_PX + length - at(tick)}
              y2={TOP_PX + length - at(tick)}
              stroke="var(--grid)"
            />
            <text className="axis-label" x={left - 6} y={TOP_PX + length - at(tick) + 3} textAnchor="end">
              {write(tick)}
            </text>
          </g>
        ),
      )}
      {categories.map((category, index) => (
        <g key={index}>
          {barsOf(columns, index, stacking !== 'none').map(({ group, from, to, slot, slots }) => {
            const value = groups[group]?.values[index] ?? null
            const thick = Math.max(1, (band * FILLED) / slots)
            const across = index * band + (band * (1 - FILLED)) / 2 + slot * thick
            const [start, end] = [at(Math.min(from, to)), at(Math.max(from, to))]
            const box = isLying
              ? { x: left + start, y: TOP_PX + across, width: Math.max(1, end - start), height: Math.max(1, thick - 1) }
              : {
                  x: left + across,
                  y: TOP_PX + length - end,
                  width: Math.max(1, thick - 1),
                  height: Math.max(1, end - start),
                }
            return (
              <g key={group}>
                <rect {...box} fill={groups[group]?.fill}>
                  <title>{`${category}, ${groups[group]?.name ?? ''}: ${write(value)}`}</title>
                </rect>
                {props.showsValues && stacking === 'none' && thick > 12 ? (
                  <text
                    className="axis-label"
                    x={isLying ? box.x + box.width + 4 : box.x + box.width / 2}
                    y={isLying ? box.y + box.height / 2 + 3 : box.y - 3}
                    textAnchor={isLying ? 'start' : 'middle'}
                  >
                    {write(value)}
                  </text>
                ) : null}
              </g>
            )
          })}
          {index % every === 0 ? (
            <text
              className="axis-label"
              x={isLying ? left - 6 : left + (index + 0.5) * band}
              y={isLying ? TOP_PX + (index + 0.5) * band + 3 : height - 7}
              textAnchor={isLying ? 'end' : 'middle'}
            >
              {cut(category, isLying ? (NAME_PX - 22) / LABEL_PX + 4 : Math.max(6, (band * every) / LABEL_PX))}
              <title>{category}</title>
            </text>
          ) : null}
        </g>
      ))}
      <line
        x1={left}
        x2={isLying ? left : width - RIGHT_PX}
        y1={isLying ? TOP_PX : TOP_PX + length - at(Math.max(0, low))}
        y2={isLying ? TOP_PX + room : TOP_PX + length - at(Math.max(0, low))}
        stroke="var(--axis)"
      />
    </svg>
  )
}

interface Bar {
  readonly group: number
  readonly from: number
  readonly to: number
  /** Its place beside the others of its category. */
  readonly slot: number
  readonly slots: number
}

function barsOf(columns: readonly (readonly (number | null)[])[], index: number, isStacked: boolean): readonly Bar[] {
  let up = 0
  let down = 0
  return columns.flatMap((values, group): readonly Bar[] => {
    const value = values[index] ?? null
    if (value === null) return []
    if (!isStacked) return [{ group, from: 0, to: value, slot: group, slots: columns.length }]
    const from = value < 0 ? down : up
    if (value < 0) down += value
    else up += value
    return [{ group, from, to: from + value, slot: 0, slots: 1 }]
  })
}

function toShares(groups: readonly BarGroup[]): readonly (readonly (number | null)[])[] {
  const totals = (groups[0]?.values ?? []).map((_, index) =>
    groups.reduce((sum, { values }) => sum + Math.abs(values[index] ?? 0), 0),
  )
  return groups.map(({ values }) =>
    values.map((value, index) => (value === null || totals[index] === 0 ? null : value / (totals[index] ?? 1))),
  )
}

function extentOf(columns: readonly (readonly (number | null)[])[], isStacked: boolean): readonly [number, number] {
  let low = 0
  let high = 0
  const length = columns[0]?.length ?? 0
  for (let index = 0; index < length; index++) {
    for (const { from, to } of barsOf(columns, index, isStacked)) {
      low = Math.min(low, from, to)
      high = Math.max(high, from, to)
    }
  }
  return high > low ? [low, high + (high - low) * 0.04] : [0, 1]
}

function labelWidth(categories: readonly string[]): number {
  return Math.min(96, Math.max(...categories.map(({ length }) => length), 1) * LABEL_PX + 8)
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, Math.max(1, Math.floor(length) - 1))}…` : text
}
