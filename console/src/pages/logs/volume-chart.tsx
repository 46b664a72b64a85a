import { type ReactElement, useMemo } from 'react'
import { TimeChart } from '../../charts/time-chart.tsx'
import type { ChartModel } from '../../charts/time-chart-model.ts'
import { useView } from '../../data/view.tsx'
import { toCount } from '../../format/quantity.ts'
import { ChartSkeleton } from '../../parts/states.tsx'
import { useLevelColours } from './level-colours.ts'
import type { Volume } from './use-volume.ts'

/** Lines over time, by level: dragging zooms into it. */
export function VolumeChart(props: {
  readonly volume: Volume | undefined
  readonly error: Error | null
  readonly isLoading: boolean
}): ReactElement {
  const view = useView()
  const colours = useLevelColours()
  const { volume } = props
  const model = useMemo(
    (): ChartModel | undefined =>
      volume === undefined
        ? undefined
        : {
            times: volume.times,
            kind: 'bars',
            unit: 'short',
            fromS: view.interval.fromMs / 1_000,
            toS: view.interval.toMs / 1_000,
            series: volume.levels.map(({ level, counts }) => ({
              id: level,
              name: level,
              values: counts,
              colour: 'other',
              css: colours[level],
            })),
          },
    [volume, colours, view.interval],
  )
  return (
    <section className="volume" aria-label="Lines over time">
      {props.error === null ? null : <p className="text-3 volume-none">No histogram: {props.error.message}</p>}
      {props.isLoading && model === undefined ? <ChartSkeleton /> : null}
      {model === undefined || props.error !== null ? null : (
        <TimeChart
          model={model}
          zone={view.zone}
          nowMs={view.nowMs}
          summary={`${toCount(volume?.total ?? 0)} lines, ${volume?.levels.map(({ level, total }) => `${level} ${toCount(total)}`).join(', ') ?? ''}`}
          onZoom={view.zoom}
          onUnzoom={view.unzoom}
        />
      )}
    </section>
  )
}
