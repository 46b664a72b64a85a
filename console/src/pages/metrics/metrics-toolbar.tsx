import type { ReactElement } from 'react'
import type { RangeAnswer } from '../../data/prometheus/client.ts'
import { UNIT_WORDS } from '../../format/units.ts'
import { Checkbox, Segmented, Select } from '../../parts/controls.tsx'
import { Icon } from '../../parts/icon.tsx'
import { splitLabels } from './panels.ts'
import type { MetricsSearch } from './search.ts'

type ViewName = NonNullable<MetricsSearch['view']> | 'lines' | 'instant'

export function MetricsToolbar(props: {
  readonly search: MetricsSearch
  readonly stepS: number
  readonly answers: readonly (RangeAnswer | undefined)[]
  readonly canAdd: boolean
  readonly onAdd: () => void
  readonly onChange: (changes: Partial<MetricsSearch>) => void
}): ReactElement {
  const { search, onChange } = props
  const isInstant = search.instant === '1'
  const labels = splitLabels(props.answers.flatMap((answer) => answer?.series ?? []))
  const split = search.split ?? ''
  return (
    <div className="toolbar">
      <button type="button" className="button button-ghost" disabled={!props.canAdd} onClick={props.onAdd}>
        <Icon name="plus" /> Query
      </button>
      <span className="toolbar-rule" />
      {isInstant ? null : (
        <>
          <Select
            label="Step"
            word="Step"
            value={search.step ?? ''}
            onChange={(step) => onChange({ step: step === '' ? undefined : step })}
            options={[
              { value: '', words: `auto, ${props.stepS} s` },
              ...['1', '5', '15', '30', '60', '300', '3600'].map((value) => ({ value, words: `${value} s` })),
            ]}
          />
          <Select
            label="Split by"
            word="Split by"
            value={split}
            onChange={(label) => onChange({ split: label === '' ? undefined : label })}
            options={[
              { value: '', words: 'nothing' },
              ...[...new Set([...labels, ...(split === '' ? [] : [split])])].map((value) => ({ value, words: value })),
            ]}
          />
        </>
      )}
      <Select
        label="Unit"
        word="Unit"
        value={search.unit ?? ''}
        onChange={(unit) => onChange({ unit: unit === '' ? undefined : unit })}
        options={[
          { value: '', words: 'by its name' },
          ...Object.entries(UNIT_WORDS).map(([value, words]) => ({ value, words })),
        ]}
      />
      <span className="grow" />
      {isInstant ? null : (
        <Checkbox checked={search.noex === undefined} onChange={(on) => onChange({ noex: on ? undefined : '1' })}>
          Exemplars
        </Checkbox>
      )}
      <Segmented<ViewName>
        label="View"
        value={isInstant ? 'instant' : (search.view ?? 'lines')}
        onChange={(view) =>
          onChange({
            instant: view === 'instant' ? '1' : undefined,
            view: view === 'lines' || view === 'instant' ? undefined : view,
          })
        }
        options={[
          { value: 'lines', face: 'Lines' },
          { value: 'stacked', face: 'Stacked' },
          { value: 'bars', face: 'Bars' },
          { value: 'heatmap', face: 'Heatmap' },
          { value: 'table', face: 'Table' },
          { value: 'instant', face: 'Instant' },
        ]}
      />
    </div>
  )
}
