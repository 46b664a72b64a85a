import { toAge, toText } from '../format/quantity.ts'
import { toQuantity } from '../format/units.ts'
import { toMoment, type Zone } from '../format/zone.ts'
import type { ChartEvent, ChartExemplar, ChartModel, ChartSeries } from './time-chart-model.ts'
import type { ChartTokens } from './tokens.ts'
import { strokeOf } from './uplot-options.ts'

const ROWS = 12

/** Fills the floating box of a chart: the time first, rows by value, the nearest series bold. Text only, never HTML. */
export function fillTooltip(
  box: HTMLElement,
  props: {
    readonly model: ChartModel
    readonly index: number
    /** The series nearest to the pointer. */
    readonly focused: string | undefined
    readonly exemplar: ChartExemplar | undefined
    readonly tokens: ChartTokens
    readonly zone: Zone
    readonly nowMs: number
  },
): void {
  const { model, index, tokens } = props
  const atMs = (model.times[index] ?? 0) * 1_000
  const head = row('tooltip-head', [
    element('b', toMoment(atMs, props.nowMs, props.zone)),
    element('span', `${toText(toAge(props.nowMs - atMs))} ago`, 'text-3'),
  ])
  const isSingle = model.tooltip === 'single' && props.focused !== undefined
  const shown = model.series
    .filter(({ id, style }) => (isSingle ? id === props.focused : style?.isInTooltip !== false))
    .map((series) => ({ series, value: series.values[index] ?? null }))
    .filter(({ series, value }) => series.isHidden !== true && value !== null)
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0))
  // The nearest is always there, though others are higher.
  const nearest = shown.findIndex(({ series }) => series.id === props.focused)
  const listed =
    nearest < ROWS ? shown.slice(0, ROWS) : [...shown.slice(0, ROWS - 1), ...shown.slice(nearest, nearest + 1)]
  const rows = listed.map(({ series, value }) => {
    const swatch = element('i', '', 'swatch-line')
    swatch.style.backgroundColor = strokeOf(series, tokens)
    const name = element('span', series.name, 'cut')
    const line = row(series.id === props.focused ? 'tooltip-row tooltip-focused' : 'tooltip-row', [swatch, name])
    line.append(amount(value, model, series))
    return line
  })
  const more = shown.length - rows.length
  box.replaceChildren(
    head,
    ...rows,
    ...(rows.length === 0 ? [element('span', 'no data', 'text-3')] : []),
    ...(more > 0 ? [element('span', `${more} more`, 'text-3')] : []),
    ...eventsNear(model, props.model.times[index] ?? 0).map(({ words }) => element('span', words, 'tooltip-event')),
    ...(props.exemplar === undefined ? [] : [exemplarRow(props.exemplar, model)]),
  )
}

function exemplarRow(exemplar: ChartExemplar, model: ChartModel): HTMLElement {
  return row('tooltip-row tooltip-exemplar', [
    element('span', '◆'),
    element('span', `${exemplar.traceId.slice(0, 8)}…`, 'mono-text'),
    amount(exemplar.value, model),
    element('kbd', 'Enter'),
    element('span', 'trace', 'text-3'),
  ])
}

/** Events within a step of the crosshair. */
function eventsNear({ events = [], times }: ChartModel, atS: number): readonly ChartEvent[] {
  const step = (times[1] ?? 0) - (times[0] ?? 0)
  return events.filter((event) => Math.abs(event.atS - atS) <= step).slice(0, 3)
}

function amount(value: number | null, model: ChartModel, series?: ChartSeries): HTMLElement {
  const { digits, unit } = series?.write?.(value) ?? toQuantity(value, model.unit)
  const cell = element('span', digits, 'tooltip-value')
  if (unit !== '') cell.append(element('span', unit, 'unit'))
  return cell
}

function element(tag: string, text: string, className = ''): HTMLElement {
  const made = document.createElement(tag)
  made.textContent = text
  if (className !== '') made.className = className
  return made
}

function row(className: string, children: readonly HTMLElement[]): HTMLElement {
  const made = element('div', '', className)
  made.append(...children)
  return made
}
