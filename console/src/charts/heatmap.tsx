import { type PointerEvent, type ReactElement, useEffect, useRef, useState } from 'react'
import '../styles/charts.css'
import { useElementSize } from '../data/element-size.ts'
import { toQuantity, type Unit } from '../format/units.ts'
import { toText } from '../format/quantity.ts'
import { toTimeOfDay, type Zone } from '../format/zone.ts'
import { type Heat, heatStep } from './heat.ts'
import { labelTimes, timeTicks } from './ticks.ts'
import { type ChartTokens, useChartTokens } from './tokens.ts'

const LEFT_PX = 68
const RIGHT_PX = 16
const BOTTOM_PX = 20
const LABEL_PX = 16

/** Buckets over time in the ramp of the tokens; zero is no hue. */
export function Heatmap(props: {
  readonly heat: Heat
  readonly unit: Unit
  readonly zone: Zone
  readonly summary: string
}): ReactElement {
  const { heat } = props
  const tokens = useChartTokens()
  const canvas = useRef<HTMLCanvasElement>(null)
  const { ref, width, height } = useElementSize<HTMLDivElement>()
  const [at, setAt] = useState<{
    readonly column: number
    readonly row: number
    readonly x: number
    readonly y: number
  }>()
  useEffect(() => {
    if (canvas.current !== null && width > 100) draw(canvas.current, props, tokens, width, height)
  }, [props, tokens, width, height])

  const onMove = (event: PointerEvent<HTMLDivElement>): void => {
    const box = event.currentTarget.getBoundingClientRect()
    const x = event.clientX - box.left
    const y = event.clientY - box.top
    const column = Math.floor(((x - LEFT_PX) / (width - LEFT_PX - RIGHT_PX)) * heat.times.length)
    const row = Math.floor((1 - y / (height - BOTTOM_PX)) * heat.rows.length)
    const isInside = column >= 0 && column < heat.times.length && row >= 0 && row < heat.rows.length
    setAt(isInside ? { column, row, x, y } : undefined)
  }
  const row = at === undefined ? undefined : heat.rows[at.row]
  return (
    <div
      className="heatmap"
      ref={ref}
      role="img"
      aria-label={props.summary}
      onPointerMove={onMove}
      onPointerLeave={() => setAt(undefined)}
    >
      <canvas ref={canvas} />
      {at === undefined || row === undefined ? null : (
        <div
          className="tooltip"
          style={{ left: at.x > width - 220 ? at.x - 190 : at.x + 14, top: Math.min(at.y, Math.max(0, height - 70)) }}
        >
          <b>{toTimeOfDay((heat.times[at.column] ?? 0) * 1_000, props.zone)}</b>
          <span>
            {row.name ??
              `${boundWords(heat.rows[at.row - 1]?.bound, props.unit)} to ${boundWords(row.bound, props.unit)}`}
          </span>
          <span>{toText(toQuantity(row.counts[at.column], 'short'))}</span>
        </div>
      )}
    </div>
  )
}

function boundWords(bound: number | undefined, unit: Unit): string {
  return toText(toQuantity(bound ?? 0, unit))
}

const LONGEST_NAME = 11

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name
}

/** Both ends of the ramp in numbers. */
export function HeatLegend({ heat }: { readonly heat: Heat }): ReactElement {
  const tokens = useChartTokens()
  return (
    <span className="heat-legend">
      0<span>{'\u00a0'}</span>
      {tokens.sequence.map((colour) => (
        <i key={colour} style={{ backgroundColor: colour }} />
      ))}
      {toText(toQuantity(heat.max, 'short'))}
    </span>
  )
}

function draw(
  canvas: HTMLCanvasElement,
  { heat, unit, zone }: { readonly heat: Heat; readonly unit: Unit; readonly zone: Zone },
  tokens: ChartTokens,
  width: number,
  height: number,
): void {
  const ratio = devicePixelRatio
  canvas.width = width * ratio
  canvas.height = height * ratio
  const context = canvas.getContext('2d')
  if (context === null) return
  context.scale(ratio, ratio)
  const plotWidth = width - LEFT_PX - RIGHT_PX
  const plotHeight = height - BOTTOM_PX
  const cellWidth = plotWidth / heat.times.length
  const cellHeight = plotHeight / heat.rows.length
  context.fillStyle = tokens.hover
  context.fillRect(LEFT_PX, 0, plotWidth, plotHeight)
  for (const [row, { counts }] of heat.rows.entries()) {
    const top = plotHeight - (row + 1) * cellHeight
    for (const [column, count] of counts.entries()) {
      const step = heatStep(count, heat.max)
      if (step === 0) continue
      context.fillStyle = tokens.sequence[step - 1] ?? tokens.hover
      const left = LEFT_PX + column * cellWidth
      context.fillRect(
        left,
        top,
        Math.max(1, cellWidth - (cellWidth > 4 ? 1 : 0)),
        Math.max(1, cellHeight - (cellHeight > 4 ? 1 : 0)),
      )
    }
  }
  drawLabels(context, { heat, unit, zone, tokens, width, plotWidth, plotHeight, cellHeight })
}

function drawLabels(
  context: CanvasRenderingContext2D,
  at: {
    readonly heat: Heat
    readonly unit: Unit
    readonly zone: Zone
    readonly tokens: ChartTokens
    readonly width: number
    readonly plotWidth: number
    readonly plotHeight: number
    readonly cellHeight: number
  },
): void {
  const { heat, tokens } = at
  context.fillStyle = tokens.text3
  context.font = `10px ${tokens.fontUi}`
  context.textAlign = 'right'
  context.textBaseline = 'middle'
  const every = Math.max(1, Math.ceil(LABEL_PX / at.cellHeight))
  for (const [row, { bound, name }] of heat.rows.entries()) {
    if (row % every === 0)
      context.fillText(
        name === undefined ? boundWords(bound, at.unit) : shortened(name),
        LEFT_PX - 6,
        Math.max(6, at.plotHeight - (row + (name === undefined ? 1 : 0.5)) * at.cellHeight),
      )
  }
  const from = heat.times[0] ?? 0
  const to = heat.times.at(-1) ?? from
  const ticks = timeTicks(from, to, at.plotWidth, at.zone)
  context.textAlign = 'center'
  for (const [index, words] of labelTimes(ticks, at.zone).entries()) {
    const x = LEFT_PX + (((ticks[index] ?? 0) - from) / Math.max(1, to - from)) * at.plotWidth
    context.fillText(words, x, at.plotHeight + 12)
  }
}
