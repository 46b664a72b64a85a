import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react'
import { joinList, splitList } from '../../data/address.ts'
import { downloadText } from '../../data/download.ts'
import { nsOf } from '../../data/loki/client.ts'
import { mergeEntries } from '../../data/loki/entry.ts'
import { isTyping } from '../../data/typing.ts'
import { useView } from '../../data/view.tsx'
import { CodeEditor } from '../../editors/code-editor.tsx'
import { placeOfError } from '../../editors/error-position.ts'
import {
  addFilter,
  filtersOf,
  isMetricQuery,
  lineFilterTexts,
  removeFilter,
  setValues,
  valuesOf,
} from '../../editors/logql-edit.ts'
import { logqlWithin } from '../../editors/within-scope.ts'
import { toCount, toDuration, toText } from '../../format/quantity.ts'
import { zoneName } from '../../format/zone.ts'
import { Segmented } from '../../parts/controls.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Empty, Failure, Notes, Skeleton } from '../../parts/states.tsx'
import type { VirtualRowsHandle } from '../../parts/virtual-rows.tsx'
import { PartialNote } from '../../parts/partial-note.tsx'
import { Page } from '../../shell/page.tsx'
import { CopyLink, HistoryMenu, RunButton, useQueryHistory } from '../explore/explore-actions.tsx'
import { ExploreTabs } from '../explore/explore-tabs.tsx'
import { FieldsPanel } from './fields-panel.tsx'
import { FilterChips } from './filter-chips.tsx'
import { entryJson } from './log-details.tsx'
import { LogList } from './log-list.tsx'
import { LogMetric } from './log-metric.tsx'
import { ALL_LOGS, type LogsSearch } from './search.ts'
import { useFind } from './use-find.ts'
import { useLogCompletion } from './use-log-completion.ts'
import { type Logs, useLogs } from './use-logs.ts'
import { type Tail, useTail } from './use-tail.ts'
import { useCounts, useVolume } from './use-volume.ts'
import { VolumeChart } from './volume-chart.tsx'
import '../../styles/logs.css'

/** Any LogQL: lines with their fields, how many there were, and new ones as they come. */
export function LogsPage(): ReactElement {
  const search = useSearch({ from: '/explore/logs' })
  const navigate = useNavigate({ from: '/explore/logs' })
  const view = useView()
  const history = useQueryHistory('logs')
  const written = search.q ?? ALL_LOGS
  const [draft, setDraft] = useDraft(written)
  const change = (changes: Partial<LogsSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...changes }) })
  const run = (query: string = draft): void => {
    setDraft(query)
    history.add(query)
    if (query === written) view.refreshNow()
    else change({ q: query })
  }
  const query = logqlWithin(written, view.scope)
  const isMetric = isMetricQuery(written)
  const direction = search.dir ?? 'backward'
  const logs = useLogs(isMetric ? '' : query, view.interval, direction, view.tenant)
  const tailFrom = useMemo(() => nsOf(view.interval.toMs), [view.interval.toMs])
  const tail = useTail(query, search.tail === '1' && !isMetric, tailFrom, view.tenant)
  const language = useLogCompletion(logs.entries)
  const mark = useMemo(() => {
    const place = logs.error === null ? undefined : placeOfError(logs.error.message, written)
    return logs.error === null || place === undefined ? undefined : { place, message: logs.error.message }
  }, [logs.error, written])
  const exportLines = (): void => {
    const lines = logs.entries.map((entry) => `${JSON.stringify(entryJson(entry))}\n`)
    downloadText('logs.ndjson', 'application/x-ndjson', lines)
  }
  useTailKey(() => change({ tail: search.tail === '1' ? undefined : '1' }))
  return (
    <Page crumbs={[{ name: 'Explore' }]}>
      <ExploreTabs>
        <HistoryMenu signal="logs" onChoose={run} />
        <CopyLink />
        <button
          type="button"
          className="button button-ghost"
          onClick={exportLines}
          disabled={logs.entries.length === 0}
        >
          <Icon name="export" /> Download NDJSON
        </button>
        <Segmented
          label="Order"
          value={direction}
          onChange={(dir) => change({ dir: dir === 'forward' ? 'forward' : undefined, tail: undefined })}
          options={[
            { value: 'backward', face: 'Newest first' },
            { value: 'forward', face: 'Oldest first' },
          ]}
        />
        <button
          type="button"
          className="button"
          aria-pressed={search.tail === '1'}
          disabled={direction === 'forward'}
          onClick={() => change({ tail: search.tail === '1' ? undefined : '1' })}
        >
          <Icon name={search.tail === '1' ? 'pause' : 'play'} size={12} /> Live tail <kbd>.</kbd>
        </button>
      </ExploreTabs>
      <div className="log-query">
        <CodeEditor
          label="LogQL query"
          value={draft}
          language={language}
          placeholder={'{service_name="checkout"} |= "error"'}
          onChange={setDraft}
          onRun={() => run()}
          error={mark}
        />
        {isMetric ? null : <FindField logs={logs} search={search} onChange={change} />}
        <RunButton onRun={() => run()} />
      </div>
      {logs.error === null ? null : (
        <p className="log-query-error" role="alert">
          {mark === undefined ? null : <span className="query-pointer">character {mark.place.from + 1}</span>}
          {logs.error.message}
        </p>
      )}
      <PartialNote />
      {isMetric ? (
        <LogMetric query={query} />
      ) : (
        <LogsBody
          search={search}
          query={query}
          written={written}
          logs={logs}
          tail={tail}
          onQuery={run}
          onChange={change}
        />
      )}
    </Page>
  )
}

function FindField(props: {
  readonly logs: Logs
  readonly search: LogsSearch
  readonly onChange: (changes: Partial<LogsSearch>) => void
}): ReactElement {
  const [typed, setTyped] = useState(props.search.find ?? '')
  useEffect(() => {
    const timer = setTimeout(() => {
      if (typed !== (props.search.find ?? '')) props.onChange({ find: typed === '' ? undefined : typed })
    }, 200)
    return () => clearTimeout(timer)
  })
  return (
    <label className="field find">
      <Icon name="search" />
      <input
        aria-label="Find in lines"
        placeholder="Find in lines"
        data-find
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur()
        }}
      />
      <span className="find-count" id="find-count" />
      <kbd>N</kbd>
    </label>
  )
}

interface BodyProps {
  readonly search: LogsSearch
  readonly query: string
  readonly written: string
  readonly logs: Logs
  readonly tail: Tail
  readonly onQuery: (query: string) => void
  readonly onChange: (changes: Partial<LogsSearch>) => void
}

function LogsBody(props: BodyProps): ReactElement {
  const { search, query, written, logs, tail, onQuery, onChange } = props
  const view = useView()
  const { volume, error, isLoading } = useVolume(query, view.interval, view.tenant)
  const clusters = useCounts(query, 'cluster', view.interval, view.tenant)
  const services = useCounts(query, 'service_name', view.interval, view.tenant)
  const streamLabels = useMemo(() => new Set(Object.keys(logs.entries[0]?.stream ?? {})), [logs.entries])
  // All of it at once: nothing moves because something else has come.
  const isCounting = isLoading || clusters === undefined || services === undefined
  const columns = splitList(search.cols)
  const levels = filtersOf(written).filter(({ field, operator }) => field === 'detected_level' && operator === '=')
  const filter = (field: string, value: string, operator: '=' | '!=', isStream: boolean): void =>
    onQuery(addFilter(written, { field, operator, value, isStream }))
  return (
    <>
      <FilterChips query={written} streamLabels={streamLabels} onQuery={onQuery}>
        <span className="filters-count" role="status">
          {volume === undefined || isCounting ? null : (
            <>
              <b>{toCount(volume.total)}</b> lines
            </>
          )}
          {clusters === undefined || isCounting || clusters.length === 0
            ? null
            : ` in ${clusters.length} ${clusters.length === 1 ? 'cluster' : 'clusters'}`}
          {logs.answer === undefined || isCounting ? 'asking' : ` ${toText(toDuration(logs.answer.elapsedMs))}`}
        </span>
      </FilterChips>
      <Notes warnings={logs.answer?.warnings ?? []} />
      <div className="log-page">
        <FieldsPanel
          volume={volume}
          clusters={clusters ?? []}
          services={services ?? []}
          isCounting={isCounting}
          chosenClusters={valuesOf(written, 'cluster')}
          chosenServices={valuesOf(written, 'service_name').filter((value) => value !== '.+')}
          chosenLevels={levels.map(({ value }) => value)}
          entries={logs.entries}
          onClusters={(values) => onQuery(setValues(written, 'cluster', values))}
          onServices={(values) =>
            onQuery(setValues(written, 'service_name', values.length === 0 ? [] : values) || ALL_LOGS)
          }
          onLevel={(level) => {
            const old = levels.find(({ value }) => value === level)
            if (old === undefined) filter('detected_level', level, '=', false)
            else onQuery(removeFilter(written, old))
          }}
          onFilter={filter}
        />
        <div className="log-main">
          <VolumeChart volume={volume} error={error} isLoading={isLoading} />
          <Lines
            {...props}
            columns={columns}
            onFilter={filter}
            onColumns={(next) => onChange({ cols: joinList(next) })}
          />
          <footer className="log-foot">
            <span>{toCount(logs.entries.length)} loaded</span>
            {logs.isComplete ? <span>all of the range</span> : <span>more as you scroll</span>}
            {tail.state === 'off' ? null : <TailWords tail={tail} />}
            <span className="grow" />
            <span className="keys">
              <kbd>J</kbd>
              <kbd>K</kbd> move <kbd>Enter</kbd> fields <kbd>X</kbd> context <kbd>W</kbd> wrap
            </span>
          </footer>
        </div>
      </div>
    </>
  )
}

function TailWords({ tail }: { readonly tail: Tail }): ReactElement {
  const words = {
    off: '',
    connecting: 'live: connecting',
    socket: 'live',
    asking: 'live, asking every 2 s',
    failed: 'live tail ended: the hub does not answer',
  }[tail.state]
  return (
    <span className={tail.state === 'failed' ? 'status-silent' : 'live'} role="status">
      {words}, {toCount(tail.entries.length)} new
      {tail.dropped > 0 ? `, ${toCount(tail.dropped)} not sent` : ''}
    </span>
  )
}

function Lines(
  props: BodyProps & {
    readonly columns: readonly string[]
    readonly onFilter: (field: string, value: string, operator: '=' | '!=', isStream: boolean) => void
    readonly onColumns: (columns: readonly string[]) => void
  },
): ReactElement {
  const { logs, tail, search, columns, onChange } = props
  const view = useView()
  const handle = useRef<VirtualRowsHandle>(null)
  const [isAtTop, setAtTop] = useState(true)
  const [held, setHeld] = useState<Tail['entries']>([])
  // While somebody reads further down, the view is held and new lines wait.
  if (isAtTop && held !== tail.entries) setHeld(tail.entries)
  const entries = useMemo(
    () => (held.length === 0 ? logs.entries : mergeEntries([held, logs.entries], true)),
    [held, logs.entries, logs.entries.length],
  )
  const find = search.find ?? ''
  const found = useFind(entries, entries.length, find)
  const [goTo, setGoTo] = useState<{ readonly index: number }>()
  useFindKeys(found, (index) => setGoTo({ index }))
  useEffect(() => {
    const place = document.getElementById('find-count')
    if (place !== null) place.textContent = find === '' ? '' : `${found.at + 1} of ${toCount(found.count)}`
  })
  const needles = useMemo(
    () => [...lineFilterTexts(props.written), ...(find === '' ? [] : [find])],
    [props.written, find],
  )
  if (logs.error !== null && entries.length === 0) return <Failure reason={logs.error} onRetry={logs.retry} />
  if (logs.isLoading) return <Skeleton label="Loading lines" rows={18} />
  if (entries.length === 0) return <NoLines {...props} />
  const waiting = tail.entries.length - held.length
  const toggleColumn = (field: string): void =>
    props.onColumns(columns.includes(field) ? columns.filter((one) => one !== field) : [...columns, field])
  return (
    <>
      {waiting > 0 && !isAtTop ? (
        <div className="log-area-float">
          <button type="button" className="button new-lines" onClick={() => handle.current?.scrollToTop()}>
            {toCount(waiting)} new
          </button>
        </div>
      ) : null}
      <LogList
        entries={entries}
        length={entries.length}
        columns={columns}
        needles={needles}
        isWrapped={search.wrap === '1'}
        handle={handle}
        goTo={goTo}
        onNearEnd={logs.loadMore}
        onScroll={setAtTop}
        onWrap={() => onChange({ wrap: search.wrap === '1' ? undefined : '1' })}
        onFilter={props.onFilter}
        onColumn={toggleColumn}
        head={
          <div className="log-head" role="presentation">
            <i />
            <span>
              Time ({zoneName(view.zone, view.nowMs)}) {search.dir === 'forward' ? '↑' : '↓'}
            </span>
            <span>Level</span>
            <span>Cluster</span>
            <span>Service</span>
            {columns.map((column) => (
              <span key={column} className="cut">
                <button
                  type="button"
                  className="log-head-remove"
                  aria-label={`Remove column ${column}`}
                  onClick={() => toggleColumn(column)}
                >
                  ×
                </button>{' '}
                {column}
              </span>
            ))}
            <span className="log-head-body">
              Body
              <span className="grow" />
              <button
                type="button"
                className="button button-small button-ghost"
                aria-pressed={search.wrap === '1'}
                onClick={() => onChange({ wrap: search.wrap === '1' ? undefined : '1' })}
              >
                Wrap <kbd>W</kbd>
              </button>
            </span>
          </div>
        }
      />
    </>
  )
}

function NoLines(props: BodyProps): ReactElement {
  const view = useView()
  return (
    <Empty
      title="No lines in this range"
      actions={
        <>
          <button type="button" className="button" onClick={() => view.setRange({ from: 'now-24h', to: 'now' })}>
            Last 24 h
          </button>
          {props.written === ALL_LOGS ? null : (
            <button type="button" className="button" onClick={() => props.onQuery(ALL_LOGS)}>
              All logs
            </button>
          )}
        </>
      }
    >
      Nothing that was stored matches <code>{props.query}</code>.
    </Empty>
  )
}

/** N goes to the next match, with Shift to the one before. */
function useFindKeys(find: { readonly step: (by: 1 | -1) => number | undefined }, goTo: (index: number) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isEnterInField =
        event.key === 'Enter' && event.target instanceof HTMLElement && event.target.dataset['find'] !== undefined
      if (!isEnterInField && (isTyping(event) || event.key.toLowerCase() !== 'n' || event.ctrlKey || event.metaKey))
        return
      const index = find.step(event.shiftKey ? -1 : 1)
      if (index !== undefined) goTo(index)
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  })
}

function useTailKey(toggle: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === '.' && !isTyping(event) && !event.ctrlKey && !event.metaKey) toggle()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  })
}

/** What the editor holds; an address that changes from outside wins over what was typed. */
function useDraft(written: string): readonly [string, (draft: string) => void] {
  const [state, setState] = useState({ written, draft: written })
  if (state.written !== written) setState({ written, draft: written })
  return [state.draft, (draft) => setState({ written, draft })]
}
