import type uPlot from 'uplot'
import type { ChartTokens } from './tokens.ts'

const RADIUS_PX = 3.5
const GAP_PX = 1
const LINE_PX = 2
const CLOCK = { height: 15, font: 10, gap: 3, padding: 5, radius: 2 }

/** A value at the crosshair: its place in px of the chart's canvas, and its line's colour. */
export interface CrosshairValue {
  readonly x: number
  readonly y: number
  readonly colour: string
}

/** The series that is brought forward, in px of the chart's canvas. */
export interface TracedLine {
  readonly path: Path2D
  readonly colour: string
  readonly dash: readonly number[]
}

export interface CrosshairContent {
  /** In CSS px of the plot. */
  readonly left: number
  /** What the axis says there. */
  readonly time: string
  readonly values: readonly CrosshairValue[]
  readonly line: TracedLine | undefined
}

/**
 * The line under the pointer with its time on the axis, dots where it meets the series, and the series that is brought
 * forward. One canvas over the chart: drawing on it changes nothing of the page, where moving a layer in each of twenty
 * charts makes the browser sort all of them again with every frame.
 */
export class Crosshair {
  readonly #plot: uPlot
  readonly #tokens: ChartTokens
  readonly #canvas = document.createElement('canvas')

  constructor(plot: uPlot, tokens: ChartTokens) {
    this.#plot = plot
    this.#tokens = tokens
    this.#canvas.className = 'crosshair'
    this.#canvas.hidden = true
    plot.over.after(this.#canvas)
  }

  show(content: CrosshairContent): void {
    const { width, height } = this.#plot.ctx.canvas
    const canvas = this.#canvas
    const context = canvas.getContext('2d')
    if (context === null) return
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
    else context.clearRect(0, 0, width, height)
    canvas.hidden = false
    this.#drawPlot(context, content)
    this.#drawClock(context, content)
  }

  hide(): void {
    this.#canvas.hidden = true
  }

  #drawPlot(context: CanvasRenderingContext2D, { left, values, line }: CrosshairContent): void {
    const { bbox } = this.#plot
    if (line !== undefined) {
      context.save()
      context.beginPath()
      context.rect(bbox.left, bbox.top, bbox.width, bbox.height)
      context.clip()
      context.strokeStyle = line.colour
      context.lineWidth = LINE_PX * devicePixelRatio
      context.lineJoin = 'round'
      context.setLineDash(line.dash.map((px) => px * devicePixelRatio))
      context.stroke(line.path)
      context.restore()
    }
    context.fillStyle = this.#tokens.crosshair
    context.fillRect(
      bbox.left + Math.round(left * devicePixelRatio),
      bbox.top,
      Math.max(1, devicePixelRatio),
      bbox.height,
    )
    for (const { x, y, colour } of values) {
      for (const [radius, fill] of [
        [RADIUS_PX + GAP_PX, this.#tokens.sheet],
        [RADIUS_PX, colour],
      ] as const) {
        context.fillStyle = fill
        context.beginPath()
        context.arc(x, y, radius * devicePixelRatio, 0, 2 * Math.PI)
        context.fill()
      }
    }
  }

  #drawClock(context: CanvasRenderingContext2D, { left, time }: CrosshairContent): void {
    const { bbox } = this.#plot
    const px = (size: number): number => size * devicePixelRatio
    context.font = `${px(CLOCK.font)}px ${this.#tokens.fontUi}`
    context.textBaseline = 'middle'
    const width = context.measureText(time).width + 2 * px(CLOCK.padding)
    const x = Math.max(0, Math.min(bbox.left + px(left) - width / 2, this.#canvas.width - width))
    const y = bbox.top + bbox.height + px(CLOCK.gap)
    context.fillStyle = this.#tokens.text1
    context.beginPath()
    context.roundRect(x, y, width, px(CLOCK.height), px(CLOCK.radius))
    context.fill()
    context.fillStyle = this.#tokens.textInverse
    context.fillText(time, x + px(CLOCK.padding), y + px(CLOCK.height / 2 + 0.5))
  }
}
