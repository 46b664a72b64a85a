import { type MouseEvent, type ReactElement, useEffect, useRef, useState } from 'react'
import '../styles/charts.css'
import { useElementSize } from '../data/element-size.ts'
import type { Interval } from '../data/time-range.ts'
import { toText } from '../format/quantity.ts'
import { toQuantity } from '../format/units.ts'
import { toMoment, type Zone } from '../format/zone.ts'
import { labelTimes, timeTicks } from './ticks.ts'
import { type ChartTokens, useChartTokens } from './tokens.ts'

export interface ScatterPoint {
  readonly id: string
  readonly atMs: number
  readonly seconds: number
  readonly isError: boolean
  readonly name: string
}

const LEFT_PX = 68
const RIGHT_PX = 16
const BOTTOM_PX = 20
const TOP_PX = 8
const REACH_PX = 10

/** Durations over time on a logarithmic axis. A failed one is a cross: colour is not the only sign. */
export function Scatter(props: {
  readonly points: readonly ScatterPoint[]
  readonly interval: Interval
  readonly zone: Zone
  readonly nowMs: number
  readonly summary: string
  readonly onOpen: (id: string) => void
  readonly onZoom: (interval: Interval) => void
}): ReactElement {
  const { points, interval } = props
  const tokens = useChartTokens()
  const canvas = useRef<HTMLCanvasElement>(null)
  const { ref, width, height } = useElementSize<HTMLDivElement>()
  const [hovered, setHovered] = useState<ScatterPoint>()
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number }>()
  const scale = scaleOf(points, interval, width, height)
  useEffect(() => {
    if (canvas.current !== null && width > 100)
      draw(canvas.current, { points, scale, tokens, zone: props.zone, width, height, interval })
  })
  const xOf = (event: MouseEvent): number => event.nativeEvent.offsetX
  const nearest = (event: MouseEvent): ScatterPoint | undefined => {
    const { offsetX, offsetY } = event.nativeEvent
    let best: ScatterPoint | undefined
    let least = REACH_PX
    for (const point of points) {
      const distance = Math.hypot(scale.x(point.atMs) - offsetX, scale.y(point.seconds) - offsetY)
      if (distance < least) {
        least = distance
        best = point
      }
    }
    return best
  }
  const onUp = (): void => {
    if (drag !== undefined && Math.abs(drag.to - drag.from) > 6) {
      const [from, to] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)]
      props.onZoom({ fromMs: scale.atMs(from), toMs: scale.atMs(to) })
    } else if (hovered !== undefined) props.onOpen(hovered.id)
    setDrag(undefined)
  }
  return (
    <div className="scatter" ref={ref} role="img" aria-label={props.summary}>
      <canvas
        ref={canvas}
        className={hovered === undefined ? '' : 'over-point'}
        onMouseDown={(event) => setDrag({ from: xOf(event), to: xOf(event) })}
        onMouseMove={(event) => {
          setHovered(nearest(event))
          if (drag !== undefined) setDrag({ ...drag, to: xOf(event) })
        }}
        onMouseUp={onUp}
        onMouseLeave={() => {
          setHovered(undefined)
          setDrag(undefined)
        }}
      />
      {drag === undefined ? null : (
        <i
          className="scatter-drag"
          style={{ left: Math.min(drag.from, drag.to), width: Math.abs(drag.to - drag.from) }}
        />
      )}
      {hovered === undefined ? null : (
        <div
          className="tooltip"
          style={{
            left: scale.x(hovered.atMs) > width - 280 ? scale.x(hovered.atMs) - 260 : scale.x(hovered.atMs) + 14,
            top: Math.max(0, Math.min(scale.y(hovered.seconds), height - 64)),
          }}
        >
          <b>{toMoment(hovered.atMs, props.nowMs, props.zone, 'ms')}</b>
          <span className="cut">{hovered.name}</span>
          <span>
            {toText(toQuantity(hovered.seconds, 'seconds'))}
            {hovered.isError ? ', has failed spans' : ''}
          </span>
        </div>
      )}
    </div>
  )
}

interface Scale {
  readonly x: (atMs: number) => number
  readonly y: (seconds: number) => number
  readonly atMs: (x: number) => number
  readonly decades: readonly number[]
}

function scaleOf(points: readonly ScatterPoint[], interval: Interval, width: number, height: number): Scale {
  const known = points.map(({ seconds }) => Math.max(seconds, 1e-4))
  const low = Math.floor(Math.log10(Math.min(0.01, ...known)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(0.1, ...known))))
  const plotWidth = Math.max(1, width - LEFT_PX - RIGHT_PX)
  const plotHeight = Math.max(1, height - BOTTOM_PX - TOP_PX)
  const length = interval.toMs - interval.fromMs
  return {
    x: (atMs) => LEFT_PX + ((atMs - interval.fromMs) / length) * plotWidth,
    y: (seconds) => TOP_PX + plotHeight * (1 - (Math.log10(Math.max(seconds, 1e-4)) - low) / (high - low)),
    atMs: (x) => interval.fromMs + ((x - LEFT_PX) / plotWidth) * length,
    decades: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
  }
}

function draw(
  canvas: HTMLCanvasElement,
  at: {
    readonly points: readonly ScatterPoint[]
    readonly scale: Scale
    readonly tokens: ChartTokens
    readonly zone: Zone
    readonly width: number
    readonly height: number
    readonly interval: Interval
  },
): void {
  const { scale, tokens, width, height } = at
  canvas.width = width * devicePixelRatio
  canvas.height = height * devicePixelRatio
  const context = canvas.getContext('2d')
  if (context === null) return
  context.scale(devicePixelRatio, devicePixelRatio)
  context.font = `10px ${tokens.fontUi}`
  context.fillStyle = tokens.text3
  context.textAlign = 'right'
  context.textBaseline = 'middle'
  for (const decade of scale.decades) {
    const y = Math.round(scale.y(decade)) + 0.5
    context.fillStyle = tokens.grid
    context.fillRect(LEFT_PX, y, width - LEFT_PX - RIGHT_PX, 1)
    context.fillStyle = tokens.text3
    context.fillText(toText(toQuantity(decade, 'seconds')), LEFT_PX - 6, y)
  }
  const ticks = timeTicks(at.interval.fromMs / 1_000, at.interval.toMs / 1_000, width - LEFT_PX - RIGHT_PX, at.zone)
  context.textAlign = 'center'
  for (const [index, words] of labelTimes(ticks, at.zone).entries())
    context.fillText(words, scale.x((ticks[index] ?? 0) * 1_000), height - 8)
  context.fillStyle = tokens.axis
  context.fillRect(LEFT_PX, height - BOTTOM_PX, width - LEFT_PX - RIGHT_PX, 1)
  for (const { atMs, seconds, isError } of at.points) {
    const x = scale.x(atMs)
    const y = scale.y(seconds)
    context.globalAlpha = 0.85
    if (isError) {
      context.strokeStyle = tokens.error
      context.lineWidth = 1.8
      context.beginPath()
      context.moveTo(x - 3.5, y - 3.5)
      context.lineTo(x + 3.5, y + 3.5)
      context.moveTo(x + 3.5, y - 3.5)
      context.lineTo(x - 3.5, y + 3.5)
      context.stroke()
    } else {
      context.fillStyle = tokens.other
      context.beginPath()
      context.arc(x, y, 3, 0, 2 * Math.PI)
      context.fill()
    }
  }
  context.globalAlpha = 1
}
