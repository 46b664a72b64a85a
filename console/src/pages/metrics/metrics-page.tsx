import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactElement, useMemo, useState } from 'react'
import { joinList, splitList } from '../../data/address.ts'
import { alignGrid, chooseStep } from '../../data/prometheus/matrix.ts'
import { useView } from '../../data/view.tsx'
import { promqlWithin } from '../../editors/within-scope.ts'
import { Icon } from '../../parts/icon.tsx'
import { PartialNote } from '../../parts/partial-note.tsx'
import { Page } from '../../shell/page.tsx'
import { CopyLink, HistoryMenu, RunButton, useQueryHistory } from '../explore/explore-actions.tsx'
import { ExploreTabs } from '../explore/explore-tabs.tsx'
import { InspectDrawer } from '../explore/inspect-drawer.tsx'
import { inspectFacts } from './inspect.ts'
import { MetricBrowser } from './metric-browser.tsx'
import { MetricsResults } from './metrics-results.tsx'
import { MetricsToolbar } from './metrics-toolbar.tsx'
import { QueryRow } from './query-row.tsx'
import { resolveFormulas } from './formula.ts'
import { letterOf, type MetricsSearch, MOST_QUERIES, queriesOf } from './search.ts'
import { useInstantQueries, useRangeQueries } from './use-metric-queries.ts'

/** Points that a chart of this page can show apart. */
const POINTS = 240

/** Any PromQL, several queries at once, as charts or tables. */
export function MetricsPage(): ReactElement {
  const search = useSearch({ from: '/explore/metrics' })
  const change = useChangeMetrics()
  const view = useView()
  const history = useQueryHistory('metrics')
  const committed = queriesOf(search)
  const { drafts, setDrafts } = useDrafts(committed)
  const [side, setSide] = useState<'browser' | number>()

  const isInstant = search.instant === '1'
  const stepS = Number(search.step) || chooseStep(view.interval.toMs - view.interval.fromMs, POINTS)
  const grid = useMemo(() => alignGrid(view.interval, stepS), [view.interval, stepS])
  const queries = resolveFormulas(committed).map((query) => promqlWithin(query, view.scope))
  const hidden = splitList(search.hide)
  const ranges = useRangeQueries(queries, grid, view.tenant, !isInstant)
  const instants = useInstantQueries(queries, grid.endS, view.tenant, isInstant)
  const states = isInstant ? instants : ranges

  const run = (next: readonly string[] = drafts): void => {
    for (const query of next) if (query.trim() !== '') history.add(query)
    if (next.join('\n') === committed.join('\n')) view.refreshNow()
    else change({ q: [...next] })
  }
  const write = (index: number, value: string): void =>
    setDrafts(drafts.map((draft, other) => (other === index ? value : draft)))
  const inspected = typeof side === 'number' ? states[side]?.answer : undefined
  return (
    <Page crumbs={[{ name: 'Explore' }]}>
      <ExploreTabs>
        <button
          type="button"
          className="button button-ghost"
          aria-pressed={side === 'browser'}
          onClick={() => setSide(side === 'browser' ? undefined : 'browser')}
        >
          <Icon name="browse" /> Metrics
        </button>
        <HistoryMenu signal="metrics" onChoose={(query) => run([...drafts.slice(0, -1), query])} />
        <CopyLink />
        <RunButton onRun={() => run()} />
      </ExploreTabs>
      <div className="side">
        <div className="side-main">
          <div className="query-list">
            {drafts.map((draft, index) => {
              const state = states[index]
              const answer = state?.answer
              const letter = letterOf(index)
              return (
                <QueryRow
                  key={letter}
                  letter={letter}
                  value={draft}
                  tenant={view.tenant}
                  isHidden={hidden.includes(letter)}
                  isAsking={state?.isAsking ?? false}
                  error={state?.error ?? null}
                  outcome={
                    answer === undefined
                      ? undefined
                      : {
                          series: 'series' in answer ? answer.series.length : answer.rows.length,
                          elapsedMs: answer.elapsedMs,
                        }
                  }
                  isOnly={drafts.length === 1}
                  autoFocus={index === drafts.length - 1 && draft === ''}
                  onChange={(value) => write(index, value)}
                  onRun={() => run()}
                  onHide={() =>
                    change({
                      hide: joinList(
                        hidden.includes(letter) ? hidden.filter((one) => one !== letter) : [...hidden, letter],
                      ),
                    })
                  }
                  onRemove={() => run(drafts.filter((_, other) => other !== index))}
                  onDuplicate={() => setDrafts([...drafts, draft].slice(0, MOST_QUERIES))}
                  onInspect={() => setSide(index)}
                />
              )
            })}
          </div>
          <MetricsToolbar
            search={search}
            stepS={stepS}
            answers={ranges.map(({ answer }) => answer)}
            canAdd={drafts.length < MOST_QUERIES}
            onAdd={() => setDrafts([...drafts, ''])}
            onChange={change}
          />
          <PartialNote />
          <MetricsResults
            search={search}
            queries={queries}
            written={committed}
            hidden={hidden}
            ranges={ranges}
            instants={instants}
            onExample={(query) => run([query])}
            onBrowse={() => setSide('browser')}
          />
        </div>
        {side === 'browser' ? (
          <MetricBrowser
            onUse={(selector) => run([...drafts.slice(0, -1), insertSelector(drafts.at(-1) ?? '', selector)])}
            onClose={() => setSide(undefined)}
          />
        ) : null}
        {inspected === undefined || typeof side !== 'number' ? null : (
          <InspectDrawer
            title={`Answer to ${letterOf(side)}`}
            facts={inspectFacts(queries[side] ?? '', inspected)}
            raw={inspected.raw}
            onClose={() => setSide(undefined)}
          />
        )}
      </div>
    </Page>
  )
}

/** A selector replaces a query that has only been begun; else it is appended for the writer to place. */
function insertSelector(draft: string, selector: string): string {
  return /^[\w:]*$/.test(draft.trim()) || !/[({[]\s*$/.test(draft) ? selector : `${draft}${selector}`
}

/** What the editors hold; the address holds what was run. */
function useDrafts(committed: readonly string[]): {
  readonly drafts: readonly string[]
  readonly setDrafts: (drafts: readonly string[]) => void
} {
  const key = committed.join('\n\u0000')
  const [state, setState] = useState({ key, drafts: committed.length === 0 ? [''] : committed })
  // An address that changes from outside (back, a link, the palette) wins over what was typed.
  if (state.key !== key) setState({ key, drafts: committed.length === 0 ? [''] : committed })
  return { drafts: state.drafts, setDrafts: (drafts) => setState({ key, drafts }) }
}

function useChangeMetrics(): (changes: Partial<MetricsSearch>) => void {
  const navigate = useNavigate({ from: '/explore/metrics' })
  const [change] = useState(
    () =>
      (changes: Partial<MetricsSearch>): void =>
        void navigate({ search: (before) => ({ ...before, ...changes }) }),
  )
  return change
}
