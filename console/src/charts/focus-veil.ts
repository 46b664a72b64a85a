import type uPlot from 'uplot'

const VEIL_OPACITY = 0.65
const LINE_PX = 2

/**
 * Brings one line of a chart forward: the others shine through a veil at 35 %, the line lies on it. Two strokes on a
 * canvas of its own, where drawing all lines again would cost many frames when there are hundreds.
 */
export class FocusVeil {
  readonly #canvas = document.createElement('canvas')
  readonly #surface: string
  #line: number | undefined

  constructor(plot: uPlot, surface: string) {
    this.#surface = surface
    this.#canvas.className = 'focus-veil'
    plot.over.prepend(this.#canvas)
  }

  /** `line` is the number of uPlot's series, its time being 0; undefined lifts the veil. */
  show(plot: uPlot, line: number | undefined, stroke: string): void {
    if (line === this.#line) return
    this.#line = line
    const context = this.#canvas.getContext('2d')
    if (context === null) return
    const { width, height } = plot.bbox
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width
      this.#canvas.height = height
    } else context.clearRect(0, 0, width, height)
    if (line === undefined) return
    context.globalAlpha = VEIL_OPACITY
    context.fillStyle = this.#surface
    context.fillRect(0, 0, width, height)
    context.globalAlpha = 1
    context.strokeStyle = stroke
    context.lineWidth = LINE_PX * devicePixelRatio
    context.lineJoin = 'round'
    context.setLineDash((plot.series[line]?.dash ?? []).map((px) => px * devicePixelRatio))
    context.beginPath()
    tracePoints(plot, line, context)
    context.stroke()
  }
}

/** A line through the values, with a gap where there is none. */
function tracePoints(plot: uPlot, line: number, context: CanvasRenderingContext2D): void {
  const times = plot.data[0]
  const values = plot.data[line] ?? []
  const scale = plot.series[line]?.scale ?? 'y'
  let isDown = false
  for (const [index, value] of values.entries()) {
    if (value === null || value === undefined) {
      isDown = false
      continue
    }
    const x = plot.valToPos(times[index] ?? 0, 'x', true) - plot.bbox.left
    const y = plot.valToPos(value, scale, true) - plot.bbox.top
    if (isDown) context.lineTo(x, y)
    else context.moveTo(x, y)
    isDown = true
  }
}
