/** What an experiment found out. The first four are counts of items; an item is a log record with a name of its own. */
export interface Result {
  /** Items that a sender was told are accepted. */
  readonly acknowledged: number
  /** Different items that the hub's API gives back. Those without an acknowledgement may be there or not. */
  readonly present: number
  /** Acknowledged, and not there. */
  readonly lost: number
  /** There more than once. */
  readonly doubled: number
  /** Other promises that were broken, in words. */
  readonly failures: readonly string[]
  /** What was done and measured. */
  readonly details: Readonly<Record<string, number | string>>
}

/** One experiment: a file of this folder exports one as `experiment`. */
export interface Experiment {
  readonly id: string
  readonly title: string
  /** What `size` counts. */
  readonly unit: string
  /** The size of the long form. */
  readonly size: number
  /** Why the experiment can not be made on this machine; undefined when it can. */
  readonly missing: () => string | undefined
  readonly run: (options: { readonly size: number }) => Promise<Result>
}

/** The value below which the share `q` of the values lies; rounded. NaN without values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN)
}

export const random = (from: number, to: number): number => from + Math.random() * (to - from)
