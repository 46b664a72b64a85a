import { BASIC_FUNCTIONS } from './basics.ts'
import type { TemplateFunction } from './function.ts'
import { NUMBER_FUNCTIONS } from './numbers.ts'
import { STRING_FUNCTIONS } from './strings.ts'
import { EXPRESSION_FUNCTIONS } from './texts-by-expression.ts'
import { TIME_FUNCTIONS } from './times.ts'

export type { CallContext, TemplateContext, TemplateFunction } from './function.ts'

const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map(
  Object.entries({
    ...BASIC_FUNCTIONS,
    ...STRING_FUNCTIONS,
    ...NUMBER_FUNCTIONS,
    ...TIME_FUNCTIONS,
    ...EXPRESSION_FUNCTIONS,
  }),
)

export function findFunction(name: string): TemplateFunction | undefined {
  return FUNCTIONS.get(name)
}

/** `and` and `or` look at their arguments one by one and so are no functions like others. */
export function isFunctionName(name: string): boolean {
  return FUNCTIONS.has(name) || name === 'and' || name === 'or'
}
