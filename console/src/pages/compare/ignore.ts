import type { Series } from '../../data/prometheus/matrix.ts'

/** A list of ignored things as it stands in the address, one a line or with commas. */
export function readList(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(/[\n,]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** The other way; undefined for none, so that the address stays short. */
export function writeList(list: readonly string[]): string | undefined {
  return list.length === 0 ? undefined : [...new Set(list)].join(',')
}

/** Whether a name is on the list: an entry is a part of it, in which `*` stands for anything; case does not matter. */
export function isIgnored(name: string, list: readonly string[]): boolean {
  const text = name.toLowerCase()
  return list.some((entry) => {
    let at = 0
    return entry
      .toLowerCase()
      .split('*')
      .every((part) => {
        const found = text.indexOf(part, at)
        at = found + part.length
        return found >= 0
      })
  })
}

/** The labels that tell series of the answers apart, most frequent first; those that say where a series is from are not among them. */
export function labelsIn(answers: readonly (readonly Series[])[], identity: ReadonlySet<string>): readonly string[] {
  const counts = new Map<string, number>()
  for (const series of answers) {
    for (const { labels } of series) {
      for (const name of Object.keys(labels)) if (!identity.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name)
}
