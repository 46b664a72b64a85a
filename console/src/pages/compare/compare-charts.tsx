import { type ReactElement, useMemo } from 'react'
import { areaStyle } from '../../charts/area-style.ts'
import { TimeChart } from '../../charts/time-chart.tsx'
import { type ChartModel, statsOf } from '../../charts/time-chart-model.ts'
import { type Grid, gridTimes } from '../../data/prometheus/matrix.ts'
import type { ClusterSnapshot } from '../../data/fleet-client.ts'
import { useView } from '../../data/view.tsx'
import { toText } from '../../format/quantity.ts'
import { toQuantity, type Unit } from '../../format/units.ts'
import { type ComparedRow, differences, type Side } from './compare.ts'
import { nameOf, signed } from './drift-table.tsx'
import { SideMark, SideName } from './side-picker.tsx'

const AREA = areaStyle(0.35)

interface ChartsProps {
  readonly row: ComparedRow
  readonly grid: Grid
  readonly sides: readonly Side[]
  readonly clusters: readonly ClusterSnapshot[]
  readonly unit: Unit
  readonly diff: 'absolute' | 'percent'
}

/** One series on every side, with one scale, and how far A is from the others below. */
export function CompareCharts(props: ChartsProps): ReactElement {
  return (
    <div className="compare-charts">
      <div className="compare-sides" style={{ gridTemplateColumns: `repeat(${props.sides.length}, minmax(0, 1fr))` }}>
        {props.sides.map((side, index) => (
          <SideChart key={side.id} {...props} side={side} index={index} />
        ))}
      </div>
      <DifferenceChart {...props} />
    </div>
  )
}

function SideChart(props: ChartsProps & { readonly side: Side; readonly index: number }): ReactElement {
  const { row, grid, side, index, unit } = props
  const view = useView()
  const model = useMemo((): ChartModel => {
    const values = row.values[index]
    // Charts side by side have one scale.
    const ends = row.values
      .map((one) => statsOf(one ?? []))
      .flatMap(({ min, max }) => [min, max])
      .filter((value) => value !== null)
    const look = ends.length === 0 ? { unit } : { unit, softMin: Math.min(...ends), softMax: Math.max(...ends) }
    return {
      ...frameOf(grid, view.interval),
      unit,
      series: values === undefined ? [] : [{ id: side.id, name: side.name, values, colour: index }],
      axes: { left: look },
    }
  }, [row, grid, view.interval, unit, side, index])
  const last = row.last[index] ?? null
  return (
    <section className="chart-panel" aria-label={`Side ${side.letter}`} data-side={side.letter}>
      <header className="panel-head">
        <SideMark side={side} /> <SideName side={side} clusters={props.clusters} />
        <span className="text-3 cut">{nameOf(row)}</span>
        <span className="grow" />
        <span className="text-3">last</span> <b>{toText(toQuantity(last, unit))}</b>
      </header>
      {row.values[index] === undefined ? (
        <div className="compare-none">
          <span>{side.name} has no such series in this range</span>
        </div>
      ) : (
        <TimeChart
          model={model}
          zone={view.zone}
          nowMs={view.nowMs}
          summary={`${nameOf(row)} of ${side.name}, last ${toText(toQuantity(last, unit))}`}
          onZoom={view.zoom}
          onUnzoom={view.unzoom}
        />
      )}
    </section>
  )
}

function DifferenceChart(props: ChartsProps): ReactElement {
  const { row, grid, sides, diff } = props
  const view = useView()
  const unit: Unit = diff === 'percent' ? 'percentunit' : props.unit
  const lines = useMemo(
    () =>
      sides.slice(1).flatMap((side, index) => {
        const values = differences(row.values[0], row.values[index + 1], diff)
        return values === undefined ? [] : [{ side, values, stats: statsOf(values) }]
      }),
    [row, sides, diff],
  )
  const model = useMemo(
    (): ChartModel => ({
      ...frameOf(grid, view.interval),
      unit,
      series: lines.map(({ side, values }) => ({
        id: side.id,
        name: `A − ${side.letter} ${side.name}`,
        values,
        colour: sides.indexOf(side),
        // One difference is an area on the line where both are equal; several would hide each other.
        ...(lines.length === 1 ? { style: AREA } : {}),
      })),
      thresholds: [{ value: 0, words: 'equal' }],
    }),
    [grid, view.interval, unit, lines, sides],
  )
  const words = lines.map(
    ({ side, stats }) => `A − ${side.letter}: mean ${write(stats.mean, unit)}, last ${write(stats.last, unit)}`,
  )
  return (
    <section className="chart-panel" aria-label="Difference" data-difference="">
      <header className="panel-head">
        <h2>{diff === 'percent' ? 'Difference in percent of the other side' : 'Difference'}</h2>
        <span className="text-3">above 0: A {sides[0]?.name} is higher</span>
        <span className="grow" />
        <span className="cut">{words.join('   ')}</span>
      </header>
      {lines.length === 0 ? (
        <div className="compare-none">
          <span>No difference: one side does not have it</span>
        </div>
      ) : (
        <TimeChart
          model={model}
          zone={view.zone}
          nowMs={view.nowMs}
          summary={words.join('; ')}
          onZoom={view.zoom}
          onUnzoom={view.unzoom}
        />
      )}
    </section>
  )
}

function frameOf(
  grid: Grid,
  interval: { readonly fromMs: number; readonly toMs: number },
): Pick<ChartModel, 'times' | 'kind' | 'fromS' | 'toS'> {
  return { times: gridTimes(grid), kind: 'lines', fromS: interval.fromMs / 1_000, toS: interval.toMs / 1_000 }
}

function write(value: number | null, unit: Unit): string {
  return signed(toText(toQuantity(value, unit)), value ?? 0)
}
