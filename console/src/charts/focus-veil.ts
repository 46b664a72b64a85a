import type uPlot from 'uplot'

/**
 * Lies over all lines of a chart while one of them is brought forward. It is one colour: drawing the lines again in
 * another opacity costs many frames when there are hundreds.
 */
export class FocusVeil {
  readonly #veil = document.createElement('div')

  constructor(plot: uPlot) {
    this.#veil.className = 'focus-veil'
    this.#veil.hidden = true
    plot.over.prepend(this.#veil)
  }

  /** It only turns transparent, so that the page keeps its layers, until it is hidden. */
  show(isDown: boolean): void {
    if (isDown) this.#veil.hidden = false
    this.#veil.style.opacity = isDown ? '' : '0'
  }

  hide(): void {
    this.#veil.hidden = true
  }
}

/** A series as a line through its values in px of the chart's canvas, with gaps where there are none. */
export function traceLine(plot: uPlot, line: number): Path2D {
  const times = plot.data[0]
  const scale = plot.series[line]?.scale ?? 'y'
  const path = new Path2D()
  let isDown = false
  for (const [index, value] of (plot.data[line] ?? []).entries()) {
    if (value === null) isDown = false
    // What is undefined is bridged.
    if (value === null || value === undefined) continue
    const x = plot.valToPos(times[index] ?? 0, 'x', true)
    const y = plot.valToPos(value, scale, true)
    if (isDown) path.lineTo(x, y)
    else path.moveTo(x, y)
    isDown = true
  }
  return path
}
