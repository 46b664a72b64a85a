import { absentFunctions } from './absent.ts'
import { changeFunctions } from './changes.ts'
import { convertFunctions } from './convert.ts'
import type { PromqlFunction } from './function.ts'
import { histogramFunctions } from './histogram.ts'
import { quantileFunctions } from './histogram-quantile.ts'
import { infoFunctions } from './info.ts'
import { labelFunctions } from './label.ts'
import { mathFunctions } from './math.ts'
import { overTimeFunctions } from './over-time.ts'
import { queryTimeFunctions } from './query-time.ts'
import { rateFunctions } from './rate.ts'
import { regressionFunctions } from './regression.ts'
import { smoothingFunctions } from './smoothing.ts'
import { sortFunctions } from './sort.ts'
import { timeFunctions } from './time.ts'

export type { FunctionCall, PromqlFunction } from './function.ts'
export { moveWindow, newWindow } from './window.ts'

const FUNCTIONS: ReadonlyMap<string, PromqlFunction> = new Map(
  [
    absentFunctions,
    changeFunctions,
    convertFunctions,
    histogramFunctions,
    infoFunctions,
    labelFunctions,
    mathFunctions,
    overTimeFunctions,
    quantileFunctions,
    queryTimeFunctions,
    rateFunctions,
    regressionFunctions,
    smoothingFunctions,
    sortFunctions,
    timeFunctions,
  ].flatMap((functions) => Object.entries(functions)),
)

/** The function of that name; undefined when there is none. Names are case-sensitive. */
export function findFunction(name: string): PromqlFunction | undefined {
  return FUNCTIONS.get(name)
}

export function listFunctions(): readonly (readonly [name: string, definition: PromqlFunction])[] {
  return [...FUNCTIONS]
}
