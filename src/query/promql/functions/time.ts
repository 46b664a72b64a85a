import { FLOAT, stepTime, type StepSeries, type Value } from '../values.ts'
import { type FunctionCall, mapSeries, type PromqlFunction, vectorArg } from './function.ts'

function stepSeconds({ context: { grid } }: FunctionCall): Float64Array {
  return Float64Array.from({ length: grid.count }, (_, step) => stepTime(grid, step) / 1000)
}

/** A vector without labels that has a value at every step. */
export function constantVector(values: Float64Array): Value {
  const series: StepSeries = { labels: {}, values, present: new Uint8Array(values.length).fill(FLOAT), dropName: false }
  return { type: 'vector', series: [series] }
}

/**
 * A part of the date that a value (seconds since the epoch, UTC) stands for; without argument, of the step's time.
 * `overflow` is that part for what is no number of 64 bits: the date of the lowest one, 15:30:08 on Sunday, the 4th of
 * December 292277026596, as Prometheus on common machines says.
 */
function datePart(overflow: number, part: (date: Date) => number): PromqlFunction {
  const partOf = (seconds: number): number =>
    Math.abs(seconds) < 2 ** 63 ? part(new Date(Math.trunc(seconds) * 1000)) : overflow
  return {
    args: ['vector'],
    variadic: 1,
    returns: 'vector',
    evaluate: (call) => {
      const input = call.args.length === 0 ? constantVector(stepSeconds(call)) : vectorArg(call.args, 0)
      if (input.type !== 'vector') return input
      return {
        type: 'vector',
        series: mapSeries(input.series, [], partOf),
      }
    },
  }
}

function daysInMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
}

function dayOfYear(date: Date): number {
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
  return (midnight - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000 + 1
}

export const timeFunctions: Readonly<Record<string, PromqlFunction>> = {
  time: {
    args: [],
    variadic: 0,
    returns: 'scalar',
    evaluate: (call) => ({ type: 'scalar', values: stepSeconds(call) }),
  },
  // Directly over a selector the evaluator has put the samples' own times in place of the values.
  timestamp: {
    args: ['vector'],
    variadic: 0,
    returns: 'vector',
    evaluate: (call) => {
      const { series } = vectorArg(call.args, 0)
      const times = stepSeconds(call)
      return {
        type: 'vector',
        series: series.map(({ labels, present }) => ({
          labels,
          values: times,
          present: present.map((one) => (one === 0 ? 0 : FLOAT)),
          dropName: true,
        })),
      }
    },
  },
  // Prometheus answers it only with a storage of start times and a switch of its own, which are not here.
  start_timestamp: {
    args: ['vector'],
    variadic: 0,
    returns: 'vector',
    experimental: true,
    evaluate: () => ({ type: 'vector', series: [] }),
  },
  minute: datePart(30, (date) => date.getUTCMinutes()),
  hour: datePart(15, (date) => date.getUTCHours()),
  day_of_week: datePart(0, (date) => date.getUTCDay()),
  day_of_month: datePart(4, (date) => date.getUTCDate()),
  day_of_year: datePart(339, dayOfYear),
  days_in_month: datePart(31, daysInMonth),
  month: datePart(12, (date) => date.getUTCMonth() + 1),
  year: datePart(292_277_026_596, (date) => date.getUTCFullYear()),
}
