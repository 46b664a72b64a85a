import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactElement, useCallback, useMemo, useState } from 'react'
import { type ClusterSnapshot, useFleetClusters } from '../../data/fleet-client.ts'
import { useView } from '../../data/view.tsx'
import { CodeEditor } from '../../editors/code-editor.tsx'
import { placeOfError } from '../../editors/error-position.ts'
import { promqlLanguage } from '../../editors/promql.ts'
import { Segmented } from '../../parts/controls.tsx'
import { Icon } from '../../parts/icon.tsx'
import { PartialNote } from '../../parts/partial-note.tsx'
import { Popover } from '../../parts/popover.tsx'
import { ChartSkeleton, Empty, Failure, Notes } from '../../parts/states.tsx'
import { Page } from '../../shell/page.tsx'
import { CopyLink, RunButton } from '../explore/explore-actions.tsx'
import { useLogCompletion } from '../logs/use-log-completion.ts'
import { defaultSides, type Side, toSides } from './compare.ts'
import { CompareSheet } from './compare-sheet.tsx'
import { type Question, QUESTIONS } from './questions.ts'
import { type CompareSearch, sidesOf } from './search.ts'
import { SidePicker } from './side-picker.tsx'
import { useComparison } from './use-comparison.ts'
import '../../styles/explore.css'
import '../../styles/logs.css'
import '../../styles/map.css'
import '../../styles/compare.css'

const MOST_SIDES = 4

/** The same question asked of two or more clusters or environments: side by side, as a difference, as drift. */
export function ComparePage(): ReactElement {
  const search = useSearch({ from: '/compare' })
  const navigate = useNavigate({ from: '/compare' })
  const change = useCallback(
    (changes: Partial<CompareSearch>): void => void navigate({ search: (before) => ({ ...before, ...changes }) }),
    [navigate],
  )
  const view = useView()
  const clusters = useFleetClusters()
  const written = search.q ?? ''
  const isLogs = search.lang === 'logql'
  const named = sidesOf(search)
  const ids = (named.length >= 2 ? named : defaultSides(clusters, view.scope)).join('\n')
  const sides = useMemo(() => toSides(ids === '' ? [] : ids.split('\n')), [ids])
  const comparison = useComparison(written, isLogs, sides)
  const ask = ({ query, isLogs: logs, ignore }: Question): void =>
    change({ q: query, lang: logs === true ? 'logql' : undefined, ignore, key: undefined })
  return (
    <Page crumbs={[{ name: 'Compare' }]}>
      <CompareToolbar
        search={search}
        sides={sides}
        clusters={clusters}
        error={comparison.error}
        onAsk={ask}
        onChange={change}
      />
      <PartialNote scope={scopeOf(sides, clusters)} />
      <Notes warnings={comparison.warnings} />
      {sides.length < 2 ? (
        <Empty title="A comparison needs two clusters or environments">
          This fleet has one that you may read. Choose the sides above when there are more.
        </Empty>
      ) : written.trim() === '' ? (
        <Start sides={sides} onAsk={ask} />
      ) : comparison.error !== null ? (
        <>
          <Notes
            warnings={[`${comparison.failedSide?.name ?? 'A side'} gave no answer: there is nothing to compare with.`]}
          />
          <Failure reason={comparison.error} onRetry={comparison.retry} />
        </>
      ) : comparison.answers === undefined ? (
        <ChartSkeleton />
      ) : (
        <CompareSheet search={search} sides={sides} clusters={clusters} comparison={comparison} onChange={change} />
      )}
    </Page>
  )
}

/** Every cluster of the sides, whatever the page looks at otherwise. */
function scopeOf(
  sides: readonly Side[],
  clusters: readonly ClusterSnapshot[],
): { readonly environments: readonly string[]; readonly clusters: readonly string[] } {
  const names = clusters.filter((one) =>
    sides.some(({ kind, name }) => name === (kind === 'cluster' ? one.cluster : one.environment)),
  )
  // A list without names would be all of them.
  return { environments: [], clusters: ['', ...names.map(({ cluster }) => cluster)] }
}

function CompareToolbar(props: {
  readonly search: CompareSearch
  readonly sides: readonly Side[]
  readonly clusters: readonly ClusterSnapshot[]
  readonly error: Error | null
  readonly onAsk: (question: Question) => void
  readonly onChange: (changes: Partial<CompareSearch>) => void
}): ReactElement {
  const { search, sides, clusters, onChange, error } = props
  const view = useView()
  const isLogs = search.lang === 'logql'
  const promql = useMemo(() => promqlLanguage(view.tenant), [view.tenant])
  const logql = useLogCompletion([])
  const written = search.q ?? ''
  const [state, setState] = useState({ written, draft: written })
  if (state.written !== written) setState({ written, draft: written })
  const run = (): void => {
    if (state.draft === written) view.refreshNow()
    else onChange({ q: state.draft, key: undefined })
  }
  const setSides = (ids: readonly string[]): void => onChange({ side: [...new Set(ids)], key: undefined })
  const ids = sides.map(({ id }) => id)
  const mark = useMemo(() => {
    const place = error === null ? undefined : placeOfError(error.message, written)
    return error === null || place === undefined ? undefined : { place, message: error.message }
  }, [error, written])
  return (
    <>
      <div className="toolbar">
        {sides.map((side, index) => (
          <SidePicker
            key={side.letter}
            side={side}
            letter={side.letter}
            clusters={clusters}
            onChange={(id) => setSides(ids.with(index, id))}
            onRemove={sides.length > 2 ? () => setSides(ids.toSpliced(index, 1)) : undefined}
          />
        ))}
        {sides.length >= 2 ? (
          <button
            type="button"
            className="button button-icon button-ghost"
            aria-label="Exchange A and B"
            title="Exchange A and B"
            onClick={() => setSides([ids[1] ?? '', ids[0] ?? '', ...ids.slice(2)])}
          >
            <Icon name="compare" />
          </button>
        ) : null}
        {sides.length >= 2 && sides.length < MOST_SIDES ? (
          <SidePicker
            side={undefined}
            letter={sides.length === 2 ? 'C' : 'D'}
            clusters={clusters}
            onChange={(id) => setSides([...ids, id])}
            onRemove={undefined}
          />
        ) : null}
        <span className="grow" />
        <Popover label="Questions" className="button button-ghost" align="right" face="Questions">
          {(close) => (
            <div className="menu">
              {QUESTIONS.map((question) => (
                <button
                  key={question.words}
                  type="button"
                  onClick={() => {
                    close()
                    props.onAsk(question)
                  }}
                >
                  {question.words}
                </button>
              ))}
            </div>
          )}
        </Popover>
        <CopyLink />
        <Segmented<'absolute' | 'percent'>
          label="Difference"
          value={search.diff ?? 'absolute'}
          onChange={(diff) => onChange({ diff: diff === 'percent' ? 'percent' : undefined })}
          options={[
            { value: 'absolute', face: 'A − B' },
            { value: 'percent', face: '%' },
          ]}
        />
      </div>
      <div className="log-query">
        <Segmented<'promql' | 'logql'>
          label="Language"
          value={search.lang ?? 'promql'}
          onChange={(lang) => onChange({ lang: lang === 'logql' ? 'logql' : undefined })}
          options={[
            { value: 'promql', face: 'PromQL' },
            { value: 'logql', face: 'LogQL' },
          ]}
        />
        <CodeEditor
          key={isLogs ? 'logql' : 'promql'}
          label={isLogs ? 'LogQL metric query' : 'PromQL query'}
          value={state.draft}
          language={isLogs ? logql : promql}
          placeholder="A query without a cluster: it is asked of each side"
          onChange={(draft) => setState({ written, draft })}
          onRun={run}
          error={mark}
        />
        <RunButton onRun={run} />
      </div>
    </>
  )
}

function Start(props: { readonly sides: readonly Side[]; readonly onAsk: (question: Question) => void }): ReactElement {
  return (
    <Empty title={`What differs between ${props.sides.map(({ name }) => name).join(' and ')}`}>
      Write a query, or begin with one of these:
      <span className="examples">
        {QUESTIONS.map((question) => (
          <button key={question.words} type="button" className="link" onClick={() => props.onAsk(question)}>
            {question.words}
          </button>
        ))}
      </span>
    </Empty>
  )
}
