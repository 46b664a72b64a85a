import type { TailEntry } from '../tail-frame.ts'

/** What a frame tells of entries that were not sent. */
export interface DroppedEntry {
  /** Rendered. */
  readonly labels: string
  readonly ns: string
}

/** A frame as Loki sends it: entries by their labels, and what was left out because the client was slow. */
export function renderFrame(entries: readonly TailEntry[], dropped: readonly DroppedEntry[]): string {
  const streams = new Map<string, string[]>()
  for (const { ns, labels, line } of entries) {
    const values = streams.get(labels) ?? []
    streams.set(labels, values)
    values.push(`["${ns}",${JSON.stringify(line)}]`)
  }
  const rows = [...streams].map(([labels, values]) => `{"stream":${labels},"values":[${values.join(',')}]}`)
  const left = dropped.map(({ labels, ns }) => `{"labels":${labels},"timestamp":"${ns}"}`)
  return `{"streams":[${rows.join(',')}],"dropped_entries":${left.length === 0 ? 'null' : `[${left.join(',')}]`}}`
}

export function entryKey({ ns, labels, line }: TailEntry): string {
  return `${ns} ${labels} ${line}`
}
