import { type KeyboardEvent, type ReactElement, useEffect, useMemo, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import '../styles/charts.css'
import { useElementSize } from '../data/element-size.ts'
import type { Interval } from '../data/time-range.ts'
import type { Zone } from '../format/zone.ts'
import { drawMarks } from './chart-marks.ts'
import { ChartPointer } from './chart-pointer.ts'
import { axisRange, drawnColumns } from './drawn-columns.ts'
import { type ChartExemplar, type ChartModel, lastKnown, nearestIndex } from './time-chart-model.ts'
import { useChartTokens } from './tokens.ts'
import { strokeOf, uplotOptions } from './uplot-options.ts'

const AXIS_PX = 68
/** Steps without data at the end that still count as not arrived, not as a gap in the series. */
const LATE_STEPS = 1

export interface TimeChartProps {
  readonly model: ChartModel
  readonly zone: Zone
  readonly nowMs: number
  /** One sentence for those who do not see it. */
  readonly summary: string
  readonly onZoom?: (interval: Interval) => void
  readonly onUnzoom?: () => void
  readonly onTrace?: (traceId: string) => void
  /** The series under the pointer, for a table beside the chart. */
  readonly onFocus?: (id: string | undefined) => void
}

/**
 * Lines, stacks or bars over time. Dragging zooms, a double click goes back, the crosshair is shared by the charts of
 * the page. With the keyboard: arrows move the crosshair, Enter opens the exemplar at it.
 */
export function TimeChart(props: TimeChartProps): ReactElement {
  const { model } = props
  const tokens = useChartTokens()
  const { ref, width, height } = useElementSize<HTMLDivElement>()
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const pointer = useRef<ChartPointer>(undefined)
  /** Where the pointer was in the chart before this one of the same place. */
  const resting = useRef<{ readonly left: number; readonly top: number }>(undefined)
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })

  const columns = useMemo(() => drawnColumns(model), [model])
  useEffect(() => {
    const place = host.current
    if (place === null || width < 80 || height < 40) return undefined
    const range = axisRange(model, columns, 'left')
    const rightRange = model.axes?.right === undefined ? undefined : axisRange(model, columns, 'right')
    const known = lastKnown(columns)
    const step = (model.times[1] ?? 0) - (model.times[0] ?? 0)
    const isLate = known >= 0 && (model.times[known] ?? 0) + step * LATE_STEPS < model.toS
    const isReversed =
      model.kind === 'bars' ||
      (model.series.some(({ style }) => style?.draw === 'bars' && style.stack !== undefined) &&
        model.series.every(({ style }) => style?.draw === 'bars' || style?.stack === undefined))
    // Bars hide what is behind them: the highest sums come first, so that the lower ones lie in front.
    const drawn = isReversed ? model.series.toReversed() : model.series
    const u = new uPlot(
      {
        ...uplotOptions({
          model: { ...model, series: drawn },
          range,
          rightRange,
          tokens,
          zone: props.zone,
          width,
          height,
          axisPx: AXIS_PX,
          paths: {
            bars: uPlot.paths.bars?.({ size: [0.9, 64], align: 1 }),
            smooth: uPlot.paths.spline?.(),
            stepBefore: uPlot.paths.stepped?.({ align: -1 }),
            stepAfter: uPlot.paths.stepped?.({ align: 1 }),
          },
        }),
        hooks: {
          draw: [(chart) => drawMarks(chart, model, isLate ? model.times[known] : undefined, tokens)],
          // New data under a pointer that rests: it stays where it is.
          ready: [
            (chart) => {
              if (resting.current !== undefined && chart.over.matches(':hover')) chart.setCursor(resting.current)
            },
          ],
          setCursor: [() => follower.move()],
          setSeries: [
            (_chart, index) => {
              follower.focus(index ?? undefined)
              latest.current.onFocus?.(follower.focused)
            },
          ],
          setSelect: [
            (chart) => {
              if (chart.select.width < 4) return
              const fromMs = chart.posToVal(chart.select.left, 'x') * 1_000
              const toMs = chart.posToVal(chart.select.left + chart.select.width, 'x') * 1_000
              chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
              latest.current.onZoom?.({ fromMs, toMs })
            },
          ],
        },
      },
      [[...model.times], ...(isReversed ? columns.toReversed() : columns).map((column) => [...column])],
      place,
    )
    plot.current = u
    const follower = new ChartPointer(u, {
      model,
      isReversed,
      strokes: model.series.map((series) => strokeOf(series, tokens)),
      tokens,
      zone: props.zone,
      nowMs: () => latest.current.nowMs,
    })
    pointer.current = follower
    const onDouble = (): void => latest.current.onUnzoom?.()
    const onClick = (): void => {
      const { exemplar } = follower
      if (exemplar !== undefined) latest.current.onTrace?.(exemplar.traceId)
    }
    u.over.addEventListener('dblclick', onDouble)
    u.over.addEventListener('click', onClick)
    return () => {
      const { left = -1, top = -1 } = u.cursor
      resting.current = left < 0 ? undefined : { left, top }
      follower.remove()
      u.destroy()
      plot.current = undefined
      pointer.current = undefined
    }
  }, [model, columns, tokens, props.zone, width, height])

  return (
    <div
      className="time-chart"
      ref={ref}
      role="img"
      aria-label={props.summary}
      tabIndex={0}
      onKeyDown={(event) => moveByKey(event, plot.current, model, () => pointer.current?.exemplar, props.onTrace)}
    >
      <div className="time-chart-plot" ref={host} />
    </div>
  )
}

function moveByKey(
  event: KeyboardEvent,
  u: uPlot | undefined,
  model: ChartModel,
  found: () => ChartExemplar | undefined,
  onTrace: ((traceId: string) => void) | undefined,
): void {
  if (u === undefined || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'Enter') {
    const at = u.cursor.left === undefined || u.cursor.left < 0 ? undefined : u.posToVal(u.cursor.left, 'x')
    const exemplar = found() ?? (at === undefined ? undefined : nearestExemplar(model, at))
    if (exemplar !== undefined) onTrace?.(exemplar.traceId)
    return
  }
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
  if (step === undefined) return
  event.preventDefault()
  event.stopPropagation()
  const now = u.cursor.idx ?? nearestIndex(model.times, model.toS)
  const next = Math.min(model.times.length - 1, Math.max(0, now + step))
  u.setCursor({ left: u.valToPos(model.times[next] ?? 0, 'x'), top: u.over.clientHeight / 2 })
}

function nearestExemplar(model: ChartModel, atS: number): ChartExemplar | undefined {
  const reach = ((model.times[1] ?? 0) - (model.times[0] ?? 0)) * 3
  return [...(model.exemplars ?? [])]
    .sort((a, b) => Math.abs(a.atS - atS) - Math.abs(b.atS - atS))
    .find((exemplar) => Math.abs(exemplar.atS - atS) <= reach)
}
