import type uPlot from 'uplot'

const LINE_PX = 2

/**
 * Brings one line of a chart forward: the others shine through a veil, the line lies on it. The veil is one colour, the
 * line a canvas not much larger than the line: neither draws the others again, which costs many frames when there are
 * hundreds. Both become transparent and keep their sizes where they can: then the page keeps its layers.
 */
export class FocusVeil {
  readonly #veil = document.createElement('div')
  readonly #canvas = document.createElement('canvas')
  #line: number | undefined

  constructor(plot: uPlot) {
    this.#veil.className = 'focus-veil'
    this.#canvas.className = 'focus-line'
    this.#veil.hidden = true
    this.#canvas.hidden = true
    plot.over.prepend(this.#veil, this.#canvas)
  }

  /** `line` is the number of uPlot's series, its time being 0; undefined lifts the veil. */
  show(plot: uPlot, line: number | undefined, stroke: string): void {
    if (line === this.#line) return
    this.#line = line
    const points = line === undefined ? [] : pointsOf(plot, line)
    const isLifted = points.length === 0
    const context = this.#canvas.getContext('2d')
    this.#veil.style.opacity = isLifted ? '0' : ''
    this.#canvas.style.opacity = isLifted ? '0' : ''
    if (line === undefined || isLifted || context === null) return
    this.#veil.hidden = false
    this.#canvas.hidden = false
    const { left, top } = this.#fit(plot, boxOf(points))
    context.setTransform(1, 0, 0, 1, -left, -top)
    context.strokeStyle = stroke
    context.lineWidth = LINE_PX * devicePixelRatio
    context.lineJoin = 'round'
    context.setLineDash((plot.series[line]?.dash ?? []).map((px) => px * devicePixelRatio))
    context.beginPath()
    for (const { x, y, isStart } of points) {
      if (isStart) context.moveTo(x, y)
      else context.lineTo(x, y)
    }
    context.stroke()
  }

  /** The pointer has left the chart: until it is back, nothing of this is a layer. */
  hide(): void {
    this.#line = undefined
    this.#veil.hidden = true
    this.#canvas.hidden = true
  }

  /** Places an empty canvas over a box in px of the plot's canvas. */
  #fit(plot: uPlot, box: Box): { readonly left: number; readonly top: number } {
    const margin = LINE_PX * devicePixelRatio
    const canvas = this.#canvas
    const width = Math.ceil(box.right - box.left + 2 * margin)
    const height = Math.ceil(Math.min(plot.bbox.height, box.bottom - box.top + 2 * margin))
    const fits = width <= canvas.width && height <= canvas.height && canvas.height <= 4 * height
    if (fits) {
      const context = canvas.getContext('2d')
      context?.resetTransform()
      context?.clearRect(0, 0, canvas.width, canvas.height)
    } else {
      canvas.width = width
      canvas.height = Math.min(plot.bbox.height, Math.ceil(height * 1.5))
      canvas.style.width = `${canvas.width / devicePixelRatio}px`
      canvas.style.height = `${canvas.height / devicePixelRatio}px`
    }
    const left = Math.floor(box.left - margin)
    const top = Math.max(0, Math.min(Math.floor(box.top - margin), plot.bbox.height - canvas.height))
    canvas.style.transform = `translate(${left / devicePixelRatio}px, ${top / devicePixelRatio}px)`
    return { left, top }
  }
}

interface Point {
  readonly x: number
  readonly y: number
  /** After a gap. */
  readonly isStart: boolean
}

/** A line through the values in px of the plot's canvas, with a gap where there is none. */
function pointsOf(plot: uPlot, line: number): readonly Point[] {
  const times = plot.data[0]
  const scale = plot.series[line]?.scale ?? 'y'
  const points: Point[] = []
  let isStart = true
  for (const [index, value] of (plot.data[line] ?? []).entries()) {
    if (value === null || value === undefined) {
      isStart ||= value === null
      continue
    }
    const x = plot.valToPos(times[index] ?? 0, 'x', true) - plot.bbox.left
    points.push({ x, y: plot.valToPos(value, scale, true) - plot.bbox.top, isStart })
    isStart = false
  }
  return points
}

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

function boxOf(points: readonly Point[]): Box {
  let top = Number.POSITIVE_INFINITY
  let bottom = Number.NEGATIVE_INFINITY
  for (const { y } of points) {
    if (y < top) top = y
    if (y > bottom) bottom = y
  }
  return { left: points[0]?.x ?? 0, right: points.at(-1)?.x ?? 0, top, bottom }
}
