import { type ReactElement, useMemo, useState } from 'react'
import type { LogEntry, LogLevel } from '../../data/loki/entry.ts'
import { LEVELS } from '../../data/loki/entry.ts'
import { showControls } from '../../format/log-body.ts'
import { toCount } from '../../format/quantity.ts'
import { Checkbox } from '../../parts/controls.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Skeleton } from '../../parts/states.tsx'
import type { Volume } from './use-volume.ts'

const VALUES = 8
/** Fields are counted over this many of the lines that are there. */
const SAMPLE = 2_000

export interface Count {
  readonly value: string
  readonly count: number
}

/** What the lines have in common: levels, clusters and services of all of them, other fields of those that are shown. */
export function FieldsPanel(props: {
  readonly volume: Volume | undefined
  /** Not all of the counts are there. */
  readonly isCounting: boolean
  readonly clusters: readonly Count[]
  readonly services: readonly Count[]
  readonly chosenClusters: readonly string[]
  readonly chosenServices: readonly string[]
  readonly chosenLevels: readonly string[]
  readonly entries: readonly LogEntry[]
  readonly onClusters: (values: readonly string[]) => void
  readonly onServices: (values: readonly string[]) => void
  readonly onLevel: (level: LogLevel) => void
  readonly onFilter: (field: string, value: string, operator: '=' | '!=', isStream: boolean) => void
}): ReactElement {
  const [find, setFind] = useState('')
  const wanted = find.toLowerCase()
  return (
    <aside className="fields" aria-label="Fields">
      <label className="field fields-find">
        <Icon name="search" />
        <input
          aria-label="Find a field"
          placeholder="Find a field"
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
      </label>
      {props.isCounting ? <Skeleton label="Counting fields" rows={12} /> : <Facets {...props} wanted={wanted} />}
    </aside>
  )
}

function Facets(props: Parameters<typeof FieldsPanel>[0] & { readonly wanted: string }): ReactElement {
  const { wanted } = props
  const fields = useMemo(() => countFields(props.entries.slice(0, SAMPLE)), [props.entries, props.entries.length])
  const levels = LEVELS.flatMap((level) => {
    const total = props.volume?.levels.find((one) => one.level === level)?.total
    return total === undefined ? [] : [{ value: level, count: total }]
  })
  return (
    <>
      {wanted === '' || 'level'.includes(wanted) ? (
        <Facet
          name="level"
          counts={levels}
          chosen={props.chosenLevels}
          className={(value) => `level-${value} facet-level`}
          onToggle={(value) => {
            const level = LEVELS.find((one) => one === value)
            if (level !== undefined) props.onLevel(level)
          }}
        />
      ) : null}
      {wanted === '' || 'cluster'.includes(wanted) ? (
        <Facet
          name="cluster"
          counts={props.clusters}
          chosen={props.chosenClusters}
          onToggle={(value) => props.onClusters(toggle(props.chosenClusters, value))}
        />
      ) : null}
      {wanted === '' || 'service_name'.includes(wanted) ? (
        <Facet
          name="service_name"
          counts={props.services}
          chosen={props.chosenServices}
          onToggle={(value) => props.onServices(toggle(props.chosenServices, value))}
        />
      ) : null}
      {fields
        .filter(({ name }) => name.toLowerCase().includes(wanted))
        .map((field) => (
          <FoldedFacet
            key={field.name}
            field={field}
            onFilter={props.onFilter}
            isOpenAtFirst={wanted !== '' && fields.length < 20}
          />
        ))}
    </>
  )
}

function toggle(list: readonly string[], value: string): readonly string[] {
  return list.includes(value) ? list.filter((one) => one !== value) : [...list, value]
}

function Facet(props: {
  readonly name: string
  readonly counts: readonly Count[]
  readonly chosen: readonly string[]
  readonly className?: (value: string) => string
  readonly onToggle: (value: string) => void
}): ReactElement {
  const [isWhole, setWhole] = useState(false)
  const most = Math.max(1, ...props.counts.map(({ count }) => count))
  // What is chosen stays in sight, also when the question leaves nothing of the others.
  const known = new Set(props.counts.map(({ value }) => value))
  const all = [
    ...props.counts,
    ...props.chosen.filter((value) => !known.has(value)).map((value) => ({ value, count: 0 })),
  ]
  return (
    <section className="facet">
      <h2>{props.name}</h2>
      {all.slice(0, isWhole ? all.length : VALUES).map(({ value, count }) => (
        <div key={value} className="facet-value">
          <Checkbox checked={props.chosen.includes(value)} onChange={() => props.onToggle(value)}>
            <span className={`cut facet-name ${props.className?.(value) ?? ''}`} title={value}>
              {value === '' ? 'none' : showControls(value)}
              <i className="facet-bar" style={{ width: `${((100 * count) / most).toFixed(1)}%` }} />
            </span>
          </Checkbox>
          <span className="facet-count">{toCount(count)}</span>
        </div>
      ))}
      {all.length > VALUES && !isWhole ? (
        <button type="button" className="link facet-more" onClick={() => setWhole(true)}>
          {all.length - VALUES} more
        </button>
      ) : null}
    </section>
  )
}

interface FieldCounts {
  readonly name: string
  readonly isStream: boolean
  readonly counts: readonly Count[]
}

function FoldedFacet(props: {
  readonly field: FieldCounts
  readonly isOpenAtFirst: boolean
  readonly onFilter: (field: string, value: string, operator: '=' | '!=', isStream: boolean) => void
}): ReactElement {
  const { name, counts, isStream } = props.field
  return (
    <details className="facet" open={props.isOpenAtFirst}>
      <summary>
        <span className="cut">{showControls(name)}</span> <span className="text-3">{counts.length}</span>
      </summary>
      {counts.slice(0, VALUES).map(({ value, count }) => (
        <div key={value} className="facet-value">
          <button
            type="button"
            className="facet-choose cut"
            title={`Only ${name} = ${value}`}
            onClick={() => props.onFilter(name, value, '=', isStream)}
          >
            {value === '' ? 'none' : showControls(value)}
          </button>
          <span className="facet-count">{toCount(count)}</span>
        </div>
      ))}
    </details>
  )
}

const SHOWN_ABOVE = new Set(['cluster', 'service_name', 'detected_level', 'level', 'severity_text', 'severity_number'])

/** Values of each field over the lines, the most frequent first; fields that are different in every line come last. */
function countFields(entries: readonly LogEntry[]): readonly FieldCounts[] {
  const fields = new Map<string, { isStream: boolean; counts: Map<string, number> }>()
  const add = (name: string, value: string, isStream: boolean): void => {
    const field = fields.get(name) ?? { isStream, counts: new Map<string, number>() }
    field.counts.set(value, (field.counts.get(value) ?? 0) + 1)
    fields.set(name, field)
  }
  for (const { stream, fields: own } of entries) {
    for (const [name, value] of Object.entries(stream)) add(name, value, true)
    for (const [name, value] of Object.entries(own)) add(name, value, false)
  }
  return [...fields]
    .filter(([name]) => !SHOWN_ABOVE.has(name))
    .map(([name, { isStream, counts }]) => ({
      name,
      isStream,
      counts: [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count),
    }))
    .sort((a, b) => rarity(a, entries.length) - rarity(b, entries.length) || a.name.localeCompare(b.name))
}

function rarity({ counts }: FieldCounts, lines: number): number {
  return counts.length > Math.max(20, lines / 4) ? 1 : 0
}
