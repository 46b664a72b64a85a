import { type KeyboardEvent, type ReactElement, useEffect, useMemo, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import '../styles/charts.css'
import { useElementSize } from '../data/element-size.ts'
import type { Interval } from '../data/time-range.ts'
import { toTimeOfDay, type Zone } from '../format/zone.ts'
import { drawMarks, exemplarAt } from './chart-marks.ts'
import { fillTooltip } from './chart-tooltip.ts'
import { axisRange, drawnColumns } from './drawn-columns.ts'
import { FocusVeil } from './focus-veil.ts'
import { type ChartExemplar, type ChartModel, lastKnown, nearestIndex } from './time-chart-model.ts'
import { useChartTokens } from './tokens.ts'
import { strokeOf, uplotOptions } from './uplot-options.ts'

const AXIS_PX = 68
const TOOLTIP_GAP_PX = 14
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
  const tooltip = useRef<HTMLDivElement>(null)
  const clock = useRef<HTMLSpanElement>(null)
  const plot = useRef<uPlot>(undefined)
  const found = useRef<ChartExemplar>(undefined)
  const focused = useRef<string>(undefined)
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
    const onCursor = (u: uPlot): void =>
      showCursor(u, { tooltip, clock, found, focused, latest: latest.current, tokens })
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
          setCursor: [onCursor],
          setSeries: [
            (chart, index) => {
              const series = index === null ? undefined : drawn[index - 1]
              focused.current = series?.id
              veil?.show(chart, index ?? undefined, series === undefined ? '' : strokeOf(series, tokens))
              latest.current.onFocus?.(focused.current)
              onCursor(chart)
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
    const veil = model.kind === 'lines' ? new FocusVeil(u, tokens.sheet) : undefined
    const onDouble = (): void => latest.current.onUnzoom?.()
    const onClick = (): void => {
      if (found.current !== undefined) latest.current.onTrace?.(found.current.traceId)
    }
    u.over.addEventListener('dblclick', onDouble)
    u.over.addEventListener('click', onClick)
    return () => {
      u.destroy()
      plot.current = undefined
    }
  }, [model, columns, tokens, props.zone, width, height])

  return (
    <div
      className="time-chart"
      ref={ref}
      role="img"
      aria-label={props.summary}
      tabIndex={0}
      onKeyDown={(event) => moveByKey(event, plot.current, model, () => found.current, props.onTrace)}
    >
      <div className="time-chart-plot" ref={host} />
      <span className="time-chart-clock" ref={clock} hidden />
      <div className="tooltip" ref={tooltip} hidden />
    </div>
  )
}

interface CursorParts {
  readonly tooltip: { readonly current: HTMLDivElement | null }
  readonly clock: { readonly current: HTMLSpanElement | null }
  readonly found: { current: ChartExemplar | undefined }
  readonly focused: { readonly current: string | undefined }
  readonly latest: TimeChartProps
  readonly tokens: ReturnType<typeof useChartTokens>
}

function showCursor(u: uPlot, parts: CursorParts): void {
  const box = parts.tooltip.current
  const clock = parts.clock.current
  const { left = -1, top = -1, idx } = u.cursor
  if (box === null || clock === null) return
  const { model, zone, nowMs } = parts.latest
  const isOutside = left < 0 || idx === null || idx === undefined
  clock.hidden = isOutside
  // The charts that only share the crosshair show its time, not a box of their own.
  const isOwn = (!isOutside && u.over.matches(':hover, :focus')) || document.activeElement === box.parentElement
  box.hidden = isOutside || !isOwn || model.tooltip === 'none'
  parts.found.current = isOutside ? undefined : exemplarAt(u, model, left, top)
  u.over.classList.toggle('over-exemplar', parts.found.current !== undefined)
  if (isOutside) return
  const offset = u.bbox.left / devicePixelRatio
  const precision = model.toS - model.fromS < 7_200 ? 'second' : 'minute'
  clock.textContent = toTimeOfDay(u.posToVal(left, 'x') * 1_000, zone, precision)
  clock.style.left = `${Math.round(offset + left)}px`
  if (box.hidden) return
  fillTooltip(box, {
    model,
    index: idx,
    focused: parts.focused.current,
    exemplar: parts.found.current,
    tokens: parts.tokens,
    zone,
    nowMs,
  })
  const isFlipped = offset + left + box.offsetWidth + TOOLTIP_GAP_PX > u.width
  box.style.left = `${Math.round(offset + left + (isFlipped ? -box.offsetWidth - TOOLTIP_GAP_PX : TOOLTIP_GAP_PX))}px`
  box.style.top = `${Math.round(Math.max(0, Math.min(top, u.height - box.offsetHeight - 8)))}px`
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
