import type { Finder } from './finder.ts'
import { isForKeys, type Rule } from './rules.ts'

/** What is to be done from where to where. */
export interface Find {
  readonly rule: Rule
  readonly start: number
  end: number
}

/**
 * The finder's matches with the rule that applies to each, in the order of the text and without overlaps. Of a match
 * within another one nothing is left; of two that overlap, both go together, by the rule of the longer one.
 */
export function resolveMatches({ matches, rules }: Finder, keys: readonly string[]): readonly Find[] {
  const finds: Find[] = []
  for (let i = 0; i < matches.length; i++) {
    const rule = rules[matches.detectors[i] ?? 0]?.find((one) => isForKeys(one, keys))
    if (rule !== undefined) finds.push({ rule, start: matches.starts[i] ?? 0, end: matches.ends[i] ?? 0 })
  }
  if (finds.length < 2) return finds
  // The sort is stable: of two with the same bounds, the earlier detector's comes first, and stays.
  finds.sort((a, b) => a.start - b.start || b.end - a.end)
  const apart: Find[] = []
  for (const find of finds) {
    const last = apart.at(-1)
    if (last === undefined || find.start >= last.end) apart.push(find)
    else if (find.end > last.end) apart[apart.length - 1] = join(last, find)
  }
  return apart
}

function join(a: Find, b: Find): Find {
  const { rule } = a.end - a.start >= b.end - b.start ? a : b
  return { rule, start: a.start, end: b.end }
}
