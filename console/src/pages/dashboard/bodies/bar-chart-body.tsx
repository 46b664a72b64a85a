import type { ReactElement } from 'react'
import { colourIndexes } from '../../../charts/series-colours.ts'
import { swatchOf } from '../../../charts/series-swatch.ts'
import type { Panel } from '../../../grafana/dashboard.ts'
import { configOf, decimalsOf, unitOf } from '../../../grafana/fields/config.ts'
import { shownNameOf } from '../../../grafana/fields/display-name.ts'
import type { Field, Frame } from '../../../grafana/frame.ts'
import { displayNameOf, lengthOf } from '../../../grafana/frame.ts'
import { objectAt, textAt } from '../../../grafana/json.ts'
import { toMoment, type Zone } from '../../../format/zone.ts'
import { paintOf } from '../colours.ts'
import { type BarGroup, CategoryBars } from './category-bars.tsx'
import { figuresOf } from './figures.ts'

/** What can be told apart; more are counted. */
const MOST_CATEGORIES = 200

/** Bars over the values of a column: words, or times; where there is neither, one bar a series. */
export function BarChartBody(props: {
  readonly panel: Panel
  readonly frames: readonly Frame[]
  readonly zone: Zone
  readonly nowMs: number
}): ReactElement {
  const { panel } = props
  const options = objectAt(panel.json, 'options')
  const { categories, groups, unit, decimals } = chartOf(props)
  const stacking = textAt(options, 'stacking')
  const orientation = textAt(options, 'orientation') ?? 'auto'
  const legend = objectAt(options, 'legend')
  return (
    <div className="series-body">
      <CategoryBars
        categories={categories.slice(0, MOST_CATEGORIES)}
        groups={groups}
        stacking={stacking === 'normal' || stacking === 'percent' ? stacking : 'none'}
        isLying={
          orientation === 'horizontal' || (orientation === 'auto' && categories.length > 12 && groups.length === 1)
        }
        unit={unit}
        decimals={decimals}
        showsValues={textAt(options, 'showValue') !== 'never'}
        summary={`${panel.title}: ${categories.length} categories, ${groups.length} groups`}
      />
      {groups.length > 1 && legend['showLegend'] !== false ? <GroupLegend groups={groups} /> : null}
      {categories.length > MOST_CATEGORIES ? (
        <p className="note note-info">{categories.length - MOST_CATEGORIES} more categories are not shown.</p>
      ) : null}
    </div>
  )
}

export function GroupLegend({ groups }: { readonly groups: readonly BarGroup[] }): ReactElement {
  return (
    <ul className="panel-legend">
      {groups.map(({ name, fill }, at) => (
        <li key={at} title={name}>
          <i className="swatch" style={{ background: fill }} />
          <span className="cut">{name}</span>
        </li>
      ))}
    </ul>
  )
}

interface Chart {
  readonly categories: readonly string[]
  readonly groups: readonly BarGroup[]
  readonly unit: string
  readonly decimals: number | undefined
}

function chartOf({ panel, frames, zone, nowMs }: Parameters<typeof BarChartBody>[0]): Chart {
  const fieldConfig = objectAt(panel.json, 'fieldConfig')
  const defaults = objectAt(fieldConfig, 'defaults')
  const wanted = textAt(objectAt(panel.json, 'options'), 'xField')
  const frame = frames.find((one) => xOf(one, wanted) !== undefined)
  const isSingle = frames.every((one) => lengthOf(one) <= 1) && frames.length > 1
  const base = { unit: unitOf(defaults), decimals: decimalsOf(defaults) }
  if (frame === undefined || (isSingle && xOf(frame, wanted)?.type === 'time')) {
    const figures = figuresOf(panel, frames)
    const values = figures.map(({ value }) => (typeof value === 'number' ? value : null))
    return {
      ...base,
      categories: figures.map(({ name }) => name),
      groups: [{ name: panel.title, values, fill: 'var(--series-1)' }],
    }
  }
  const x = xOf(frame, wanted)
  const categories = (x?.values ?? []).map((value) =>
    x?.type === 'time' && typeof value === 'number' ? toMoment(value, nowMs, zone, 'minute') : String(value ?? ''),
  )
  // Series over time share their grid: each is a group.
  const shared = x?.type === 'time' ? frames.filter((one) => lengthOf(one) === lengthOf(frame)) : [frame]
  const columns = shared.flatMap((one) =>
    one.fields.flatMap((field) => {
      if (field.type !== 'number' || field === x) return []
      const config = configOf(fieldConfig, { field, refId: one.refId })
      return objectAt(objectAt(config, 'custom'), 'hideFrom')['viz'] === true ? [] : [{ field, config }]
    }),
  )
  const names = columns.map(({ field, config }) => shownNameOf(field, config))
  const colours = colourIndexes(names)
  const groups = columns.map(({ field, config }, at): BarGroup => {
    const color = objectAt(config, 'color')
    const fixed = color['mode'] === 'fixed' ? paintOf(textAt(color, 'fixedColor')) : undefined
    return { name: names[at] ?? '', values: field.values, fill: fixed ?? swatchOf({ colour: colours[at] ?? 'other' }) }
  })
  const own = columns[0]?.config
  return own === undefined
    ? { ...base, categories, groups }
    : { categories, groups, unit: unitOf(own), decimals: decimalsOf(own) }
}

function xOf({ fields }: Frame, wanted: string | undefined): Field | undefined {
  return (
    fields.find((field) => wanted !== undefined && (displayNameOf(field) === wanted || field.name === wanted)) ??
    fields.find(({ type }) => type === 'string') ??
    fields.find(({ type }) => type === 'time')
  )
}
