import { toLabelColumns } from './label-columns.ts'
import type { Matrix, PrometheusData, Vector } from './prometheus-answer.ts'
import { toPrintable } from './printable.ts'
import { renderSparkline } from './sparkline.ts'
import { renderTable } from './table.ts'

const SPARKLINE_WIDTH = 60

/** The steps of a range query, in seconds. */
export interface Steps {
  readonly startS: number
  readonly endS: number
  readonly stepS: number
}

/** An answer as text. A matrix of a range query comes with its steps; one of an instant query (`up[5m]`) without. */
export function renderAnswer(data: PrometheusData, steps?: Steps): string {
  switch (data.resultType) {
    case 'scalar':
      return data.result[1]
    case 'string':
      return toPrintable(data.result[1])
    case 'vector':
      return renderVector(data.result)
    case 'matrix':
      return renderMatrix(data.result, steps)
  }
}

function renderVector(vector: Vector): string {
  if (vector.length === 0) return 'no series'
  const labels = toLabelColumns(vector.map(({ metric }) => metric))
  const table = renderTable(
    [...labels.columns, { title: 'value', align: 'right' }],
    vector.map(({ metric, value, histogram }) => [...labels.cells(metric), valueText(value, histogram)]),
  )
  return joinCommon(labels.common, table)
}

function valueText(value: Vector[number]['value'], histogram: Vector[number]['histogram']): string {
  if (value !== undefined) return value[1]
  return histogram === undefined ? '' : `histogram of ${histogram[1].count}, sum ${histogram[1].sum}`
}

function renderMatrix(matrix: Matrix, steps: Steps | undefined): string {
  if (matrix.length === 0) return 'no series'
  const labels = toLabelColumns(matrix.map(({ metric }) => metric))
  const number = { align: 'right' } as const
  const table = renderTable(
    [
      ...labels.columns,
      { title: 'over time' },
      { title: 'last', ...number },
      { title: 'min', ...number },
      { title: 'max', ...number },
    ],
    matrix.map(({ metric, values = [] }) => [...labels.cells(metric), ...lineCells(values, steps)]),
  )
  return joinCommon(labels.common, table)
}

function lineCells(samples: readonly (readonly [number, string])[], steps: Steps | undefined): string[] {
  const values = samples.map(([, text]) => parseValue(text))
  const finite = values.filter((value) => Number.isFinite(value))
  const line = renderSparkline(steps === undefined ? values : placeOnSteps(samples, steps), SPARKLINE_WIDTH)
  const last = values.at(-1)
  // A NaN or an infinity at the end is shown as such; the extremes are those of what can be drawn.
  const extremes = finite.length === 0 ? ['', ''] : [numberText(Math.min(...finite)), numberText(Math.max(...finite))]
  return [line, last === undefined ? '' : numberText(last), ...extremes]
}

/** A series has no sample at a step where it did not exist: those steps stay undefined. */
function placeOnSteps(
  samples: readonly (readonly [number, string])[],
  { startS, endS, stepS }: Steps,
): (number | undefined)[] {
  const places = Array.from<number | undefined>({ length: Math.floor((endS - startS) / stepS + 1e-9) + 1 })
  for (const [timeS, text] of samples) places[Math.round((timeS - startS) / stepS)] = parseValue(text)
  return places
}

function parseValue(text: string): number {
  if (text === '+Inf') return Infinity
  return text === '-Inf' ? -Infinity : Number(text)
}

function numberText(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function joinCommon(common: string, table: string): string {
  return common === '' ? table : `${common}\n${table}`
}
