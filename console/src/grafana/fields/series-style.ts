import type { SeriesStyle } from '../../charts/time-chart-model.ts'
import { type Json, numberAt, objectAt, textAt } from '../json.ts'

/** How a time series is drawn, by the `custom` part of its config. Opacities and widths are Grafana's. */
export function readSeriesStyle(custom: Json, pointsAreSparse: boolean): SeriesStyle {
  const draw = drawOf(textAt(custom, 'drawStyle'))
  const stack = stackOf(objectAt(custom, 'stacking'))
  const bridge = bridgeOf(custom['spanNulls'])
  const dash = dashOf(objectAt(custom, 'lineStyle'))
  const fillTo = textAt(custom, 'fillBelowTo')
  const showPoints = textAt(custom, 'showPoints') ?? 'auto'
  // Grafana's own defaults: nothing below lines, bars that are full.
  const fill = (numberAt(custom, 'fillOpacity') ?? (draw === 'bars' ? 100 : 0)) / 100
  return {
    draw,
    width: Math.min(10, Math.max(0, numberAt(custom, 'lineWidth') ?? 1)) || (fill > 0 ? 0 : 1),
    fill: Math.min(1, Math.max(0, fill)),
    path: pathOf(textAt(custom, 'lineInterpolation')),
    points: showPoints === 'always' || (showPoints === 'auto' && pointsAreSparse),
    pointPx: Math.min(20, Math.max(2, numberAt(custom, 'pointSize') ?? 5)),
    axis: custom['axisPlacement'] === 'right' ? 'right' : 'left',
    isInTooltip: objectAt(custom, 'hideFrom')['tooltip'] !== true,
    ...(stack === undefined ? {} : { stack }),
    ...(bridge === undefined ? {} : { bridge }),
    ...(dash === undefined ? {} : { dash }),
    ...(fillTo === undefined || fillTo === '' ? {} : { fillTo }),
  }
}

function drawOf(style: string | undefined): SeriesStyle['draw'] {
  return style === 'bars' || style === 'points' ? style : 'line'
}

function pathOf(interpolation: string | undefined): SeriesStyle['path'] {
  switch (interpolation) {
    case 'smooth':
      return 'smooth'
    case 'stepBefore':
      return 'step-before'
    case 'stepAfter':
      return 'step-after'
    default:
      return 'linear'
  }
}

function stackOf(stacking: Json): SeriesStyle['stack'] {
  const mode = textAt(stacking, 'mode')
  if (mode !== 'normal' && mode !== 'percent') return undefined
  return { group: textAt(stacking, 'group') ?? 'A', isPercent: mode === 'percent' }
}

/** `true`, or a number of milliseconds that a gap may last. */
function bridgeOf(spanNulls: unknown): SeriesStyle['bridge'] {
  if (spanNulls === true) return true
  return typeof spanNulls === 'number' && spanNulls > 0 ? spanNulls / 1_000 : undefined
}

function dashOf(style: Json): readonly number[] | undefined {
  const lengths = style['dash']
  const own = Array.isArray(lengths) ? lengths.filter((one) => typeof one === 'number') : []
  if (style['fill'] === 'dot') return own.length > 0 ? own : [1, 4]
  if (style['fill'] !== 'dash') return undefined
  return own.length > 0 ? own : [8, 4]
}
