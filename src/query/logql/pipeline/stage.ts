import type { LabelSet } from './label-set.ts'

/** One line on its way through a pipeline; stages change it. */
export interface LineState {
  line: string
  /** Nanoseconds since the epoch. */
  timeNs: bigint
  readonly labels: LabelSet
}

/** Whether the line stays. */
export type StageFunction = (state: LineState) => boolean

/** What of the fields that parsers find is needed later. */
export interface FieldNeeds {
  /** Nobody looks at any label: parsers need not even run. */
  readonly none: boolean
  /** Undefined: all. */
  readonly names: ReadonlySet<string> | undefined
  /** Somebody looks at what failed: lines are read to their end. */
  readonly errors: boolean
}

export const NEED_ALL: FieldNeeds = { none: false, names: undefined, errors: true }
