import type { ReactElement } from 'react'
import { type Unit, UNIT_WORDS } from '../../format/units.ts'
import { Segmented, Select } from '../../parts/controls.tsx'
import type { ComparedRow } from './compare.ts'
import type { CompareSearch } from './search.ts'

/** What of the drift is shown, and what counts as the same. */
export function DriftToolbar(props: {
  readonly search: CompareSearch
  readonly rows: readonly ComparedRow[]
  /** How many things run in different versions, or on some sides only. */
  readonly versions: number
  readonly unit: Unit
  readonly onChange: (changes: Partial<CompareSearch>) => void
}): ReactElement {
  const { search, rows, onChange } = props
  const drifting = rows.filter(({ kind }) => kind !== 'alike').length
  const count = (kind: ComparedRow['kind']): number => rows.filter((row) => row.kind === kind).length
  return (
    <>
      <header className="toolbar">
        <h2>Drift</h2>
        <span className="text-3" data-drift-count="">
          {drifting} of {rows.length}
        </span>
        <span className="grow" />
        <Segmented<'all' | 'versions' | ComparedRow['kind']>
          label="Show"
          value={search.show ?? 'all'}
          onChange={(show) => onChange({ show: show === 'all' ? undefined : show })}
          options={[
            { value: 'all', face: 'All' },
            { value: 'missing', face: `Missing ${count('missing')}` },
            { value: 'far', face: `Far apart ${count('far')}` },
            { value: 'alike', face: `Alike ${count('alike')}` },
            { value: 'versions', face: `Versions ${props.versions}` },
          ]}
        />
      </header>
      <div className="drift-tools">
        <label className="field">
          <input
            data-find=""
            aria-label="Find a series"
            placeholder="Find a series"
            value={search.find ?? ''}
            onChange={(event) => onChange({ find: event.target.value === '' ? undefined : event.target.value })}
          />
        </label>
        <Select
          label="Far apart from"
          word="Far from"
          value={search.far ?? ''}
          onChange={(far) =>
            onChange({ far: far === '5' || far === '50' || far === '100' || far === '400' ? far : undefined })
          }
          options={[
            { value: '5', words: '5 %' },
            { value: '', words: '20 %' },
            { value: '50', words: '50 %' },
            { value: '100', words: '× 2' },
            { value: '400', words: '× 5' },
          ]}
        />
        <Select
          label="Several series of a side become their"
          word="Join by"
          value={search.join ?? ''}
          onChange={(join) => onChange({ join: join === 'sum' || join === 'max' ? join : undefined })}
          options={[
            { value: '', words: 'mean' },
            { value: 'sum', words: 'sum' },
            { value: 'max', words: 'max' },
          ]}
        />
        <Select
          label="Order"
          word="Order"
          value={search.sort ?? ''}
          onChange={(sort) => onChange({ sort: sort === 'name' ? 'name' : undefined })}
          options={[
            { value: '', words: 'farthest' },
            { value: 'name', words: 'name' },
          ]}
        />
        <Select
          label="Unit"
          word="Unit"
          value={search.unit ?? ''}
          onChange={(unit) => onChange({ unit: unit === '' ? undefined : unit })}
          options={[
            { value: '', words: `by name` },
            ...Object.entries(UNIT_WORDS).map(([value, words]) => ({ value, words })),
          ]}
        />
      </div>
    </>
  )
}
