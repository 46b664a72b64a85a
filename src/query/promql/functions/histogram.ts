import { type FloatHistogram, histogramVariance } from '../histogram/index.ts'
import { mapHistograms, type PromqlFunction, vectorArg } from './function.ts'

function histogramFunction(compute: (histogram: FloatHistogram) => number): PromqlFunction {
  return {
    args: ['vector'],
    variadic: 0,
    returns: 'vector',
    evaluate: ({ args }) => ({ type: 'vector', series: mapHistograms(vectorArg(args, 0).series, compute) }),
  }
}

/** Functions of one native histogram each; floats are left out. */
export const histogramFunctions: Readonly<Record<string, PromqlFunction>> = {
  histogram_avg: histogramFunction(({ sum, count }) => sum / count),
  histogram_count: histogramFunction(({ count }) => count),
  histogram_sum: histogramFunction(({ sum }) => sum),
  histogram_stddev: histogramFunction((histogram) => Math.sqrt(histogramVariance(histogram))),
  histogram_stdvar: histogramFunction(histogramVariance),
}
