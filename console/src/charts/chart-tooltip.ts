import { toAge, toText } from '../format/quantity.ts'
import { toQuantity } from '../format/units.ts'
import { toMoment, type Zone } from '../format/zone.ts'
import { listedAt, shownAt } from './tooltip-rows.ts'
import type { ChartEvent, ChartExemplar, ChartModel, ChartSeries } from './time-chart-model.ts'

const GAP_PX = 14
const EDGE_PX = 8

export interface TooltipContent {
  readonly model: ChartModel
  /** Colours of the model's series. */
  readonly strokes: readonly string[]
  readonly index: number
  /** The series nearest to the pointer. */
  readonly focused: string | undefined
  readonly exemplar: ChartExemplar | undefined
  readonly zone: Zone
  readonly nowMs: number
}

interface Row {
  readonly line: HTMLElement
  readonly swatch: HTMLElement
  readonly name: HTMLElement
  readonly digits: Text
  readonly unit: HTMLElement
}

/**
 * The floating box of a chart: the time first, rows by value, the nearest series bold. Text only, never HTML. It lies
 * over the page, so that small charts do not cut it, is moved as a layer, and its rows are kept: only what is another
 * text is written.
 */
export class ChartTooltip {
  readonly #box = element('div', '', 'tooltip chart-tooltip')
  readonly #moment = element('b')
  readonly #age = element('span', '', 'text-3')
  readonly #rest = element('div', '', 'tooltip-rest')
  readonly #rows: Row[] = []
  #restKey = ''
  #width = 0

  constructor() {
    this.#box.hidden = true
    this.#box.append(row('tooltip-head', [this.#moment, this.#age]), this.#rest)
  }

  /** Beside the point (`x`, `y`) of the window. */
  show(content: TooltipContent, x: number, y: number): void {
    const place = document.fullscreenElement ?? document.body
    if (this.#box.parentElement !== place) place.append(this.#box)
    this.#box.hidden = false
    this.#write(content)
    const { offsetWidth, offsetHeight } = this.#box
    // It never gets narrower: that would be unquiet, and each other size means other layers for the page.
    if (offsetWidth > this.#width) {
      this.#width = offsetWidth
      this.#box.style.minWidth = `${offsetWidth}px`
    }
    const isFlipped = x + GAP_PX + offsetWidth > innerWidth
    const left = isFlipped ? Math.max(0, x - GAP_PX - offsetWidth) : x + GAP_PX
    const top = Math.max(0, Math.min(y, innerHeight - offsetHeight - EDGE_PX))
    this.#box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`
  }

  hide(): void {
    this.#box.hidden = true
  }

  remove(): void {
    this.#box.remove()
  }

  #write({ model, strokes, index, focused, exemplar, zone, nowMs }: TooltipContent): void {
    const atMs = (model.times[index] ?? 0) * 1_000
    write(this.#moment, toMoment(atMs, nowMs, zone))
    write(this.#age, `${toText(toAge(nowMs - atMs))} ago`)
    const shown = shownAt(model, index, focused)
    const listed = listedAt(shown, model, focused)
    listed.forEach((at, number) => {
      const series = model.series[at]
      if (series !== undefined) this.#writeRow(number, series, strokes[at] ?? '', model, index, series.id === focused)
    })
    this.#rows.forEach(({ line }, number) => {
      line.hidden = number >= listed.length
    })
    const words = [
      ...(listed.length === 0 ? ['no data'] : []),
      ...(shown.length > listed.length ? [`${shown.length - listed.length} more`] : []),
    ]
    const events = eventsNear(model, model.times[index] ?? 0)
    const key = JSON.stringify([words, events.map((event) => event.words), exemplar])
    if (key === this.#restKey) return
    this.#restKey = key
    this.#rest.replaceChildren(
      ...words.map((text) => element('span', text, 'text-3')),
      ...events.map((event) => element('span', event.words, 'tooltip-event')),
      ...(exemplar === undefined ? [] : [exemplarRow(exemplar, model)]),
    )
  }

  #writeRow(
    number: number,
    series: ChartSeries,
    stroke: string,
    model: ChartModel,
    index: number,
    isFocused: boolean,
  ): void {
    const known = this.#rows[number] ?? this.#addRow()
    const { digits, unit } = quantityOf(series.values[index] ?? null, model, series)
    if (known.swatch.dataset['stroke'] !== stroke) {
      known.swatch.dataset['stroke'] = stroke
      known.swatch.style.backgroundColor = stroke
    }
    write(known.name, series.name)
    if (known.digits.data !== digits) known.digits.data = digits
    write(known.unit, unit)
    known.line.classList.toggle('tooltip-focused', isFocused)
  }

  #addRow(): Row {
    const swatch = element('i', '', 'swatch-line')
    const name = element('span', '', 'cut')
    const unit = element('span', '', 'unit')
    const digits = document.createTextNode('')
    const value = element('span', '', 'tooltip-value')
    value.append(digits, unit)
    const line = row('tooltip-row', [swatch, name, value])
    this.#rest.before(line)
    const made = { line, swatch, name, digits, unit }
    this.#rows.push(made)
    return made
  }
}

function exemplarRow(exemplar: ChartExemplar, model: ChartModel): HTMLElement {
  const { digits, unit } = quantityOf(exemplar.value, model)
  const value = element('span', digits, 'tooltip-value')
  value.append(element('span', unit, 'unit'))
  return row('tooltip-row tooltip-exemplar', [
    element('span', '◆'),
    element('span', `${exemplar.traceId.slice(0, 8)}…`, 'mono-text'),
    value,
    element('kbd', 'Enter'),
    element('span', 'trace', 'text-3'),
  ])
}

/** Events within a step of the crosshair. */
function eventsNear({ events = [], times }: ChartModel, atS: number): readonly ChartEvent[] {
  const step = (times[1] ?? 0) - (times[0] ?? 0)
  return events.filter((event) => Math.abs(event.atS - atS) <= step).slice(0, 3)
}

function quantityOf(value: number | null, model: ChartModel, series?: ChartSeries): ReturnType<typeof toQuantity> {
  return series?.write?.(value) ?? toQuantity(value, model.unit)
}

function write(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text
}

function element(tag: string, text = '', className = ''): HTMLElement {
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
