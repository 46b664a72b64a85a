import type uPlot from 'uplot'

const RADIUS_PX = 3.5
const GAP_PX = 1
const WIDTH_PX = 2 * Math.ceil(RADIUS_PX + GAP_PX)

/** A value at the crosshair: its height in CSS px of the plot, and its line's colour. */
export interface CrosshairValue {
  readonly topPx: number
  readonly colour: string
}

/**
 * The line under the pointer with its time on the axis, and dots where it meets the series: two narrow layers that are
 * moved. Their sizes never change, so that neither the chart nor the page is laid out or put into layers again.
 */
export class Crosshair {
  readonly #line = document.createElement('div')
  readonly #clock = document.createElement('span')
  readonly #dots = document.createElement('canvas')
  readonly #surface: string
  #left = Number.NaN

  constructor(plot: uPlot, surface: string) {
    this.#surface = surface
    this.#line.className = 'crosshair'
    this.#clock.className = 'crosshair-clock'
    this.#dots.className = 'crosshair-dots'
    this.#line.append(this.#clock)
    this.hide()
    plot.over.append(this.#line, this.#dots)
  }

  /** The line at `left`, in CSS px of the plot, under its time. */
  show(left: number, time: string): void {
    this.#line.hidden = false
    this.#dots.hidden = false
    const at = Math.round(left)
    if (at !== this.#left) this.#line.style.transform = `translateX(${at}px)`
    this.#left = at
    if (this.#clock.textContent === time) return
    if (this.#clock.textContent.length !== time.length) this.#clock.style.width = `calc(${time.length}ch + 6px)`
    this.#clock.textContent = time
  }

  hide(): void {
    this.#line.hidden = true
    this.#dots.hidden = true
  }

  /** Dots at a step of the series: the pointer is between steps. */
  mark(plot: uPlot, stepLeft: number, values: readonly CrosshairValue[]): void {
    const dots = this.#dots
    if (dots.height !== plot.bbox.height) {
      dots.width = WIDTH_PX * devicePixelRatio
      dots.height = plot.bbox.height
    }
    dots.style.transform = `translateX(${Math.round(stepLeft - WIDTH_PX / 2)}px)`
    const context = dots.getContext('2d')
    if (context === null) return
    context.clearRect(0, 0, dots.width, dots.height)
    for (const { topPx, colour } of values) {
      for (const [radius, fill] of [
        [RADIUS_PX + GAP_PX, this.#surface],
        [RADIUS_PX, colour],
      ] as const) {
        context.fillStyle = fill
        context.beginPath()
        context.arc(dots.width / 2, topPx * devicePixelRatio, radius * devicePixelRatio, 0, 2 * Math.PI)
        context.fill()
      }
    }
  }
}
