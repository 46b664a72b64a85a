import { type ReactElement, useState } from 'react'
import { showControls } from '../../format/log-body.ts'
import { Checkbox } from '../../parts/controls.tsx'
import { Popover } from '../../parts/popover.tsx'
import type { ComparedRow } from './compare.ts'
import { isIgnored, readList, writeList } from './ignore.ts'
import { nameOf } from './drift-table.tsx'
import type { CompareSearch } from './search.ts'

/** At the foot of the drift: what is ignored, and where that is changed. */
export function IgnoreFoot(props: {
  readonly search: CompareSearch
  /** Labels of the answers that can be ignored. */
  readonly labels: readonly string[]
  /** All rows, those that are ignored too. */
  readonly rows: readonly ComparedRow[]
  readonly chosen: ComparedRow
  readonly onChange: (changes: Partial<CompareSearch>) => void
}): ReactElement {
  const { search, rows } = props
  const labels = readList(search.ignore)
  const names = readList(search.skip)
  const hidden = rows.filter((row) => isIgnored(nameOf(row), names)).length
  const words = [
    ...(labels.length === 0 ? [] : [`labels ${labels.join(', ')}`]),
    ...(names.length === 0 ? [] : [`${hidden} series`]),
  ]
  return (
    <footer className="drift-foot">
      <span className="cut text-3" data-ignored="">
        {words.length === 0 ? 'Nothing is ignored' : `Ignored: ${words.join('; ')}`}
      </span>
      <span className="grow" />
      <Popover
        label="Edit ignore list"
        className="button button-small"
        align="right"
        side="above"
        face="Edit ignore list"
      >
        {() => <IgnoreEditor {...props} />}
      </Popover>
    </footer>
  )
}

function IgnoreEditor(props: Parameters<typeof IgnoreFoot>[0]): ReactElement {
  const { search, rows, chosen, onChange } = props
  const labels = readList(search.ignore)
  const names = readList(search.skip)
  const [draft, setDraft] = useState(names.join('\n'))
  const setNames = (next: readonly string[]): void => {
    setDraft(next.join('\n'))
    onChange({ skip: writeList(next) })
  }
  const setLabel = (label: string, isOn: boolean): void =>
    onChange({ ignore: writeList(isOn ? [...labels, label] : labels.filter((one) => one !== label)), key: undefined })
  const drafted = readList(draft)
  const hidden = rows.filter((row) => isIgnored(nameOf(row), drafted)).length
  // A name with a comma would be read as two.
  const own = nameOf(chosen).split(',')[0] ?? ''
  return (
    <div className="ignore-editor">
      <fieldset>
        <legend>Labels that say nothing about the difference</legend>
        <div className="choices-list">
          {[...new Set([...props.labels, ...labels])].map((label) => (
            <Checkbox key={label} checked={labels.includes(label)} onChange={(isOn) => setLabel(label, isOn)}>
              <span className="mono-text cut">{showControls(label)}</span>
            </Checkbox>
          ))}
          {props.labels.length + labels.length === 0 ? (
            <span className="text-3">The series have no labels.</span>
          ) : null}
        </div>
      </fieldset>
      <label className="ignore-names">
        <span>Series and versions that are expected to differ, one a line; * stands for anything</span>
        <textarea
          rows={4}
          spellCheck={false}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={() => setNames(readList(draft))}
        />
      </label>
      <p className="text-3">
        These lines hide {hidden} of {rows.length} series. The address holds the list.
      </p>
      <div className="ignore-actions">
        <button type="button" className="button button-small cut" onClick={() => setNames([...drafted, own])}>
          Ignore {showControls(own)}
        </button>
        <button
          type="button"
          className="button button-small button-ghost"
          disabled={labels.length + names.length === 0 && draft === ''}
          onClick={() => {
            setDraft('')
            onChange({ ignore: undefined, skip: undefined, key: undefined })
          }}
        >
          Ignore nothing
        </button>
      </div>
    </div>
  )
}
