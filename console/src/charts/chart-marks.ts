import type uPlot from 'uplot'
import type { ChartEvent, ChartExemplar, ChartModel, ThresholdArea } from './time-chart-model.ts'
import type { ChartTokens } from './tokens.ts'

const DIAMOND_PX = 4
const REACH_PX = 9
const HATCH_PX = 6
/** So that a diamond at the edge is seen whole. */
const EDGE_SHARE = 0.03

/** What is drawn over the series: what has not arrived yet as a hatch, thresholds as dashes, exemplars as diamonds. */
export function drawMarks(u: uPlot, model: ChartModel, knownToS: number | undefined, tokens: ChartTokens): void {
  const { ctx, bbox } = u
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  if (knownToS !== undefined) drawHatch(u, u.valToPos(knownToS, 'x', true), tokens)
  for (const area of model.areas ?? []) drawArea(u, area)
  for (const threshold of model.thresholds ?? []) {
    drawThreshold(u, threshold.value, threshold.words, { ...tokens, threshold: threshold.css ?? tokens.threshold })
  }
  for (const event of model.events ?? []) drawEvent(u, event)
  for (const exemplar of model.exemplars ?? []) drawDiamond(u, exemplar, DIAMOND_PX, tokens)
  ctx.restore()
}

function drawHatch(u: uPlot, left: number, tokens: ChartTokens): void {
  const { ctx, bbox } = u
  const right = bbox.left + bbox.width
  if (right - left < 2 * devicePixelRatio) return
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, bbox.top, right - left, bbox.height)
  ctx.clip()
  ctx.strokeStyle = tokens.hatch
  ctx.lineWidth = devicePixelRatio
  ctx.beginPath()
  for (let x = left - bbox.height; x < right; x += HATCH_PX * devicePixelRatio) {
    ctx.moveTo(x, bbox.top + bbox.height)
    ctx.lineTo(x + bbox.height, bbox.top)
  }
  ctx.stroke()
  ctx.restore()
}

function drawThreshold(u: uPlot, value: number, words: string, tokens: ChartTokens): void {
  const { ctx, bbox } = u
  const y = Math.round(u.valToPos(value, 'y', true)) + 0.5
  ctx.strokeStyle = tokens.threshold
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.setLineDash([])
  ctx.fillStyle = tokens.text3
  ctx.font = `${10 * devicePixelRatio}px ${tokens.fontUi}`
  // The axes leave their own way of setting words behind.
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  ctx.fillText(words, bbox.left + 4 * devicePixelRatio, y - 4 * devicePixelRatio)
}

const AREA_ALPHA = 0.1

function drawArea(u: uPlot, { from, to, css }: ThresholdArea): void {
  const { ctx, bbox } = u
  const bottom = Number.isFinite(from) ? u.valToPos(from, 'y', true) : bbox.top + bbox.height
  const top = Number.isFinite(to) ? u.valToPos(to, 'y', true) : bbox.top
  ctx.save()
  ctx.globalAlpha = AREA_ALPHA
  ctx.fillStyle = css
  ctx.fillRect(bbox.left, top, bbox.width, bottom - top)
  ctx.restore()
}

/** A dashed line with a triangle at its foot; what lasted is tinted. */
function drawEvent(u: uPlot, { atS, toS, css }: ChartEvent): void {
  const { ctx, bbox } = u
  const x = Math.round(u.valToPos(atS, 'x', true))
  const bottom = bbox.top + bbox.height
  ctx.save()
  if (toS !== undefined) {
    ctx.globalAlpha = AREA_ALPHA
    ctx.fillStyle = css
    ctx.fillRect(x, bbox.top, u.valToPos(toS, 'x', true) - x, bbox.height)
    ctx.globalAlpha = 1
  }
  ctx.strokeStyle = css
  ctx.fillStyle = css
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio])
  ctx.beginPath()
  ctx.moveTo(x, bbox.top)
  ctx.lineTo(x, bottom)
  ctx.stroke()
  const r = 4 * devicePixelRatio
  ctx.beginPath()
  ctx.moveTo(x - r, bottom)
  ctx.lineTo(x + r, bottom)
  ctx.lineTo(x, bottom - r * 1.5)
  ctx.fill()
  ctx.restore()
}

/** With a gap around it, so that it stands clear of the lines. */
function drawDiamond(u: uPlot, exemplar: ChartExemplar, size: number, tokens: ChartTokens): void {
  const { ctx } = u
  const x = u.valToPos(exemplar.atS, 'x', true)
  const y = u.valToPos(shownValue(u, exemplar), 'y', true)
  for (const [radius, colour] of [
    [size + 2, tokens.sheet],
    [size, tokens.exemplar],
  ] as const) {
    const r = radius * devicePixelRatio
    ctx.fillStyle = colour
    ctx.beginPath()
    ctx.moveTo(x, y - r)
    ctx.lineTo(x + r, y)
    ctx.lineTo(x, y + r)
    ctx.lineTo(x - r, y)
    ctx.fill()
  }
}

/** What is of another scale stands within the axis. */
function shownValue(u: uPlot, { value, isOffScale }: ChartExemplar): number {
  if (isOffScale !== true) return value
  const { min = value, max = value } = u.scales['y'] ?? {}
  const inset = (max - min) * EDGE_SHARE
  return Math.min(max - inset, Math.max(min + inset, value))
}

/** The exemplar under the pointer, in CSS px of the plot. */
export function exemplarAt(u: uPlot, model: ChartModel, left: number, top: number): ChartExemplar | undefined {
  let best: ChartExemplar | undefined
  let least = REACH_PX
  for (const exemplar of model.exemplars ?? []) {
    const distance = Math.hypot(u.valToPos(exemplar.atS, 'x') - left, u.valToPos(shownValue(u, exemplar), 'y') - top)
    if (distance < least) {
      least = distance
      best = exemplar
    }
  }
  return best
}
