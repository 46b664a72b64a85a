import type { GoTime } from '../go-time.ts'
import type { Value } from '../values.ts'

/** What a template looks at beside its labels. */
export interface TemplateContext {
  readonly line: string
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint
  readonly label: (name: string) => string | undefined
}

export interface CallContext extends TemplateContext {
  readonly now: () => GoTime
  /** Counts what a function makes, in characters, against the limit of the template. */
  readonly spend: (characters: number) => void
}

/** What an argument must be; Go refuses others. */
export type Parameter = 'string' | 'int' | 'float' | 'time' | 'any'

export interface TemplateFunction {
  readonly parameters: readonly Parameter[]
  /** Of the arguments behind these; absent: there are no more. */
  readonly variadic?: Parameter
  readonly call: (args: readonly Value[], context: CallContext) => Value
}
