import type uPlot from 'uplot'
import { toTimeOfDay, type Zone } from '../format/zone.ts'
import { exemplarAt } from './chart-marks.ts'
import { ChartTooltip } from './chart-tooltip.ts'
import { Crosshair, type CrosshairValue, type TracedLine } from './crosshair.ts'
import { FocusVeil, traceLine } from './focus-veil.ts'
import type { ChartExemplar, ChartModel } from './time-chart-model.ts'
import type { ChartTokens } from './tokens.ts'

/** More dots than these hide each other and the line: then only the nearest series has one. */
const MOST_DOTS = 20
const SHORT_S = 7_200

export interface PointerLook {
  readonly model: ChartModel
  /** The model's series in the order of uPlot's. */
  readonly isReversed: boolean
  /** Colours of the model's series. */
  readonly strokes: readonly string[]
  readonly tokens: ChartTokens
  readonly zone: Zone
  readonly nowMs: () => number
}

/**
 * What follows the pointer over one chart: the crosshair, the line that is nearest, the box with the values. None of it
 * touches what is drawn, and it is written once a frame, whatever the pointer and the page's other charts do.
 */
export class ChartPointer {
  readonly #plot: uPlot
  readonly #look: PointerLook
  readonly #crosshair: Crosshair
  readonly #veil: FocusVeil | undefined
  #tooltip: ChartTooltip | undefined
  #frame = 0
  /** uPlot's number of the nearest series. */
  #line: number | undefined
  #traced: TracedLine | undefined

  constructor(plot: uPlot, look: PointerLook) {
    this.#plot = plot
    this.#look = look
    this.#veil = look.model.kind === 'lines' ? new FocusVeil(plot) : undefined
    this.#crosshair = new Crosshair(plot, look.tokens)
  }

  /** The exemplar under the pointer. */
  get exemplar(): ChartExemplar | undefined {
    const { left = -1, top = -1 } = this.#plot.cursor
    return left < 0 ? undefined : exemplarAt(this.#plot, this.#look.model, left, top)
  }

  /** The id of the series nearest to the pointer, once `focus` was told. */
  get focused(): string | undefined {
    return this.#line === undefined ? undefined : this.#look.model.series[this.#modelAt(this.#line)]?.id
  }

  /** `line` is uPlot's number of the series. */
  focus(line: number | undefined): void {
    if (line !== this.#line) this.#traced = undefined
    this.#line = line
    this.move()
  }

  /** Follows uPlot's cursor with the next frame. */
  move(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw())
  }

  remove(): void {
    cancelAnimationFrame(this.#frame)
    this.#tooltip?.remove()
  }

  #modelAt(line: number): number {
    return this.#look.isReversed ? this.#look.model.series.length - line : line - 1
  }

  #draw(): void {
    this.#frame = 0
    const plot = this.#plot
    const { model, strokes, zone } = this.#look
    const { left = -1, top = -1, idx } = plot.cursor
    if (left < 0 || idx === null || idx === undefined) {
      this.#crosshair.hide()
      this.#tooltip?.hide()
      this.#veil?.hide()
      return
    }
    this.#veil?.show(this.#line !== undefined)
    const precision = model.toS - model.fromS < SHORT_S ? 'second' : 'minute'
    const time = toTimeOfDay(plot.posToVal(left, 'x') * 1_000, zone, precision)
    this.#crosshair.show({ left, time, values: this.#valuesAt(idx), line: this.#lineForward() })
    const { exemplar } = this
    plot.over.classList.toggle('over-exemplar', exemplar !== undefined)
    if (model.tooltip === 'none' || !this.#isOwn()) {
      this.#tooltip?.hide()
      return
    }
    this.#tooltip ??= new ChartTooltip()
    const content = { model, strokes, index: idx, focused: this.focused, exemplar, zone, nowMs: this.#look.nowMs() }
    this.#tooltip.show(content, plot.rect.left + left, plot.rect.top + Math.max(0, top))
  }

  #lineForward(): TracedLine | undefined {
    const line = this.#line
    if (line === undefined || this.#veil === undefined) return undefined
    this.#traced ??= {
      path: traceLine(this.#plot, line),
      colour: this.#look.strokes[this.#modelAt(line)] ?? '',
      dash: this.#plot.series[line]?.dash ?? [],
    }
    return this.#traced
  }

  #valuesAt(index: number): readonly CrosshairValue[] {
    const plot = this.#plot
    const x = plot.valToPos(plot.data[0][index] ?? 0, 'x', true)
    const shown = plot.series.filter(({ show }, line) => line > 0 && show !== false).length
    return plot.series.flatMap(({ show, scale = 'y' }, line) => {
      if (line === 0 || show === false || (shown > MOST_DOTS && line !== this.#line)) return []
      const value = plot.data[line]?.[index]
      if (value === null || value === undefined) return []
      const colour = this.#look.strokes[this.#modelAt(line)] ?? ''
      return [{ x, y: plot.valToPos(value, scale, true), colour }]
    })
  }

  /** The charts that only share the crosshair show its time, not a box of their own. */
  #isOwn(): boolean {
    const { over, root } = this.#plot
    if (over.matches(':hover')) return true
    return root.closest('.time-chart') === document.activeElement && document.querySelector('.u-over:hover') === null
  }
}
