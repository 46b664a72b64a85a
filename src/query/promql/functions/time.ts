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

/** A part of the date that a value (seconds since the epoch, UTC) stands for; without argument, of the step's time. */
function datePart(part: (date: Date) => number): PromqlFunction {
  return {
    args: ['vector'],
    variadic: 1,
    returns: 'vector',
    evaluate: (call) => {
      const input = call.args.length === 0 ? constantVector(stepSeconds(call)) : vectorArg(call.args, 0)
      if (input.type !== 'vector') return input
      return {
        type: 'vector',
        series: mapSeries(input.series, [], (value) => part(new Date(Math.trunc(value) * 1000))),
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
  minute: datePart((date) => date.getUTCMinutes()),
  hour: datePart((date) => date.getUTCHours()),
  day_of_week: datePart((date) => date.getUTCDay()),
  day_of_month: datePart((date) => date.getUTCDate()),
  day_of_year: datePart(dayOfYear),
  days_in_month: datePart(daysInMonth),
  month: datePart((date) => date.getUTCMonth() + 1),
  year: datePart((date) => date.getUTCFullYear()),
}
