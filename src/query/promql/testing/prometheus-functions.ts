import type { FunctionSignature } from '../functions/function.ts'

type Signatures = Readonly<Record<string, FunctionSignature>>

const vector = { args: ['vector'], variadic: 0, returns: 'vector' } as const
const date = { args: ['vector'], variadic: 1, returns: 'vector' } as const
const matrix = { args: ['matrix'], variadic: 0, returns: 'vector' } as const
const trialMatrix = { ...matrix, experimental: true } as const
const trialScalar = { args: [], variadic: 0, returns: 'scalar', experimental: true } as const
const trialScalars = { ...trialScalar, args: ['scalar', 'scalar'] } as const
const labelSort = { args: ['vector', 'string'], variadic: -1, returns: 'vector', experimental: true } as const

function all(names: string, signature: FunctionSignature): Signatures {
  return Object.fromEntries(names.split(' ').map((name) => [name, signature]))
}

/** Every function of Prometheus 3.15 and what it takes. */
export const PROMETHEUS_FUNCTIONS: Signatures = {
  ...all('abs absent ceil exp floor ln log10 log2 sgn sqrt sort sort_desc timestamp', vector),
  ...all('acos acosh asin asinh atan atanh cos cosh sin sinh tan tanh deg rad', vector),
  ...all('histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar', vector),
  ...all('day_of_month day_of_week day_of_year days_in_month hour minute month year', date),
  ...all('absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase', matrix),
  ...all('irate last_over_time max_over_time min_over_time present_over_time rate resets', matrix),
  ...all('stddev_over_time stdvar_over_time sum_over_time', matrix),
  ...all('mad_over_time ts_of_first_over_time ts_of_last_over_time', trialMatrix),
  ...all('ts_of_max_over_time ts_of_min_over_time', trialMatrix),
  ...all('start end step range', trialScalar),
  ...all('min_of max_of', trialScalars),
  ...all('sort_by_label sort_by_label_desc', labelSort),
  ...all('pi time', { args: [], variadic: 0, returns: 'scalar' }),
  clamp: { args: ['vector', 'scalar', 'scalar'], variadic: 0, returns: 'vector' },
  ...all('clamp_max clamp_min', { args: ['vector', 'scalar'], variadic: 0, returns: 'vector' }),
  double_exponential_smoothing: {
    args: ['matrix', 'scalar', 'scalar'],
    variadic: 0,
    returns: 'vector',
    experimental: true,
  },
  histogram_fraction: { args: ['scalar', 'scalar', 'vector'], variadic: 0, returns: 'vector' },
  histogram_quantile: { args: ['scalar', 'vector'], variadic: 0, returns: 'vector' },
  histogram_quantiles: {
    args: ['vector', 'string', 'scalar', 'scalar'],
    variadic: 9,
    returns: 'vector',
    experimental: true,
  },
  info: { args: ['vector', 'vector'], variadic: 1, returns: 'vector', experimental: true },
  label_join: { args: ['vector', 'string', 'string', 'string'], variadic: -1, returns: 'vector' },
  label_replace: { args: ['vector', 'string', 'string', 'string', 'string'], variadic: 0, returns: 'vector' },
  predict_linear: { args: ['matrix', 'scalar'], variadic: 0, returns: 'vector' },
  quantile_over_time: { args: ['scalar', 'matrix'], variadic: 0, returns: 'vector' },
  round: { args: ['vector', 'scalar'], variadic: 1, returns: 'vector' },
  scalar: { args: ['vector'], variadic: 0, returns: 'scalar' },
  start_timestamp: { ...vector, experimental: true },
  vector: { args: ['scalar'], variadic: 0, returns: 'vector' },
}
