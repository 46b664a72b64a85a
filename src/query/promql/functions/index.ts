import { absentFunctions } from './absent.ts'
import { convertFunctions } from './convert.ts'
import type { PromqlFunction } from './function.ts'
import { histogramFunctions } from './histogram-quantile.ts'
import { labelFunctions } from './label.ts'
import { mathFunctions } from './math.ts'
import { overTimeFunctions } from './over-time.ts'
import { rateFunctions } from './rate.ts'
import { regressionFunctions } from './regression.ts'
import { sortFunctions } from './sort.ts'
import { timeFunctions } from './time.ts'

export type { FunctionCall, PromqlFunction } from './function.ts'

const FUNCTIONS: ReadonlyMap<string, PromqlFunction> = new Map(
  [
    absentFunctions,
    convertFunctions,
    histogramFunctions,
    labelFunctions,
    mathFunctions,
    overTimeFunctions,
    rateFunctions,
    regressionFunctions,
    sortFunctions,
    timeFunctions,
  ].flatMap((functions) => Object.entries(functions)),
)

/** The function of that name; undefined when there is none. Names are case-sensitive. */
export function findFunction(name: string): PromqlFunction | undefined {
  return FUNCTIONS.get(name)
}
