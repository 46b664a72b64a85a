import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactElement, useMemo, useState } from 'react'
import { Scatter } from '../../charts/scatter.tsx'
import { searchTraces, type TraceSearch, type TraceSummary } from '../../data/tempo/client.ts'
import { useView } from '../../data/view.tsx'
import { CodeEditor } from '../../editors/code-editor.tsx'
import { placeOfError } from '../../editors/error-position.ts'
import { traceqlWithin } from '../../editors/within-scope.ts'
import { toCount, toDuration, toText } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import { toMoment, zoneName } from '../../format/zone.ts'
import { Amount } from '../../parts/amount.tsx'
import { Select } from '../../parts/controls.tsx'
import { ErrorMark } from '../../parts/icon.tsx'
import { Empty, Failure, Skeleton } from '../../parts/states.tsx'
import { PartialNote } from '../../parts/partial-note.tsx'
import { Page } from '../../shell/page.tsx'
import { CopyLink, HistoryMenu, RunButton, useQueryHistory } from '../explore/explore-actions.tsx'
import { ExploreTabs } from '../explore/explore-tabs.tsx'
import { BuilderForm } from './builder-form.tsx'
import type { TracesSearch } from './search.ts'
import { onlyErrors } from './trace-builder.ts'
import { useTraceCompletion } from './use-trace-completion.ts'
import '../../styles/logs.css'
import '../../styles/trace.css'

/** Any TraceQL search: durations over time, and the traces in a list. */
export function TracesPage(): ReactElement {
  const search = useSearch({ from: '/explore/traces' })
  const navigate = useNavigate({ from: '/explore/traces' })
  const view = useView()
  const history = useQueryHistory('traces')
  const language = useTraceCompletion(view.tenant)
  const written = search.q ?? '{}'
  const [state, setState] = useState({ written, draft: written })
  if (state.written !== written) setState({ written, draft: written })
  const change = (changes: Partial<TracesSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...changes }) })
  const run = (query: string = state.draft): void => {
    history.add(query)
    if (query === written) view.refreshNow()
    else change({ q: query })
  }
  const limit = Number(search.limit ?? '100')
  const query = traceqlWithin(written, view.scope)
  const result = useTraceSearch(query, limit)
  const failed = useTraceSearch(
    onlyErrors(written) === undefined ? '' : traceqlWithin(onlyErrors(written) ?? '', view.scope),
    limit,
  )
  const errors = useMemo(() => new Set(failed.data?.traces.map(({ traceId }) => traceId)), [failed.data])
  const mark = useMemo(() => {
    const place = result.error === null ? undefined : placeOfError(result.error.message, written)
    return result.error === null || place === undefined ? undefined : { place, message: result.error.message }
  }, [result.error, written])
  return (
    <Page crumbs={[{ name: 'Explore' }]}>
      <ExploreTabs>
        <HistoryMenu signal="traces" onChoose={run} />
        <CopyLink />
        <Select
          label="At most"
          word="At most"
          value={search.limit ?? '100'}
          onChange={(value) => change({ limit: value === '50' || value === '500' ? value : undefined })}
          options={['50', '100', '500'].map((value) => ({ value, words: `${value} traces` }))}
        />
      </ExploreTabs>
      <div className="log-query">
        <CodeEditor
          label="TraceQL query"
          value={state.draft}
          language={language}
          placeholder="{ resource.service.name = &quot;checkout&quot; && duration > 500ms }"
          onChange={(draft) => setState({ written, draft })}
          onRun={() => run()}
          error={mark}
        />
        <RunButton onRun={() => run()} />
      </div>
      {result.error === null ? null : (
        <p className="log-query-error" role="alert">
          {result.error.message}
        </p>
      )}
      <BuilderForm query={written} onQuery={run} />
      <PartialNote />
      <Found
        search={result.data}
        error={result.error}
        errors={errors}
        limit={limit}
        onRetry={() => void result.refetch()}
        query={query}
      />
    </Page>
  )
}

function useTraceSearch(query: string, limit: number): ReturnType<typeof useQuery<TraceSearch>> {
  const { interval, tenant } = useView()
  const within = { fromMs: Math.floor(interval.fromMs / 1_000) * 1_000, toMs: Math.ceil(interval.toMs / 1_000) * 1_000 }
  return useQuery({
    queryKey: ['tempo', 'search', query, within, limit, tenant],
    queryFn: ({ signal }) => searchTraces(query, within, limit, { signal, tenant }),
    enabled: query !== '',
    placeholderData: keepPreviousData,
  })
}

function Found(props: {
  readonly search: TraceSearch | undefined
  readonly error: Error | null
  readonly errors: ReadonlySet<string>
  readonly limit: number
  readonly query: string
  readonly onRetry: () => void
}): ReactElement {
  const view = useView()
  const navigate = useNavigate()
  const { search, errors } = props
  const points = useMemo(
    () =>
      (search?.traces ?? []).map((trace) => ({
        id: trace.traceId,
        atMs: trace.startMs,
        seconds: trace.durationMs / 1_000,
        isError: hasErrors(trace, errors),
        name: `${trace.service}: ${trace.name}`,
      })),
    [search, errors],
  )
  if (props.error !== null) return <Failure reason={props.error} onRetry={props.onRetry} />
  if (search === undefined) return <Skeleton label="Searching traces" rows={14} />
  if (search.traces.length === 0)
    return (
      <Empty
        title="No traces in this range"
        actions={
          <button type="button" className="button" onClick={() => view.setRange({ from: 'now-24h', to: 'now' })}>
            Last 24 h
          </button>
        }
      >
        No span that was stored matches <code>{props.query}</code>.
      </Empty>
    )
  const open = (traceId: string): void =>
    void navigate({ to: '/explore/traces/$traceId', params: { traceId }, search: {} })
  return (
    <div className="results">
      <section className="scatter-panel" aria-label="Durations">
        <header className="panel-head">
          <h2>Duration</h2>
          <span className="text-3">
            {toCount(search.traces.length)} traces{search.traces.length >= props.limit ? ', the newest' : ''},{' '}
            {toText(toDuration(search.elapsedMs))}
          </span>
          <span className="grow" />
          <span className="chart-legend">
            <span className="text-3">●</span> ok <span className="status-silent">✕</span> has failed spans
          </span>
        </header>
        <Scatter
          points={points}
          interval={view.interval}
          zone={view.zone}
          nowMs={view.nowMs}
          summary={`Durations of ${points.length} traces, ${points.filter(({ isError }) => isError).length} of them with failed spans. The table below says the same.`}
          onOpen={open}
          onZoom={view.zoom}
        />
      </section>
      <TraceTable traces={search.traces} errors={errors} />
    </div>
  )
}

function hasErrors(trace: TraceSummary, errors: ReadonlySet<string>): boolean {
  return errors.has(trace.traceId) || trace.services.some((service) => service.errors > 0)
}

function TraceTable(props: {
  readonly traces: readonly TraceSummary[]
  readonly errors: ReadonlySet<string>
}): ReactElement {
  const view = useView()
  const [sort, setSort] = useState<'start' | 'duration' | 'matched'>('start')
  const longest = Math.max(1, ...props.traces.map(({ durationMs }) => durationMs))
  // Older hubs do not say it.
  const hasServices = props.traces.some(({ services }) => services.length > 0)
  const sorted = [...props.traces].sort((a, b) =>
    sort === 'duration'
      ? b.durationMs - a.durationMs
      : sort === 'matched'
        ? b.matched - a.matched
        : b.startMs - a.startMs,
  )
  const head = (key: typeof sort, words: string, isNumber: boolean): ReactElement => (
    <th scope="col" className={isNumber ? 'number' : ''} aria-sort={sort === key ? 'descending' : undefined}>
      <button type="button" className="sort" onClick={() => setSort(key)}>
        {words} {sort === key ? '↓' : ''}
      </button>
    </th>
  )
  return (
    <table className="table">
      <thead>
        <tr>
          {head('start', `Started (${zoneName(view.zone, view.nowMs)})`, false)}
          <th scope="col">Trace</th>
          <th scope="col">Root</th>
          {hasServices ? <th scope="col">Services</th> : null}
          {head('matched', 'Matched spans', true)}
          {head('duration', 'Duration', true)}
          <th scope="col">
            <span className="hidden">Duration as a bar</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((trace) => (
          <tr key={trace.traceId} data-trace={trace.traceId}>
            <td className="log-time">{toMoment(trace.startMs, view.nowMs, view.zone, 'ms')}</td>
            <td>
              <Link className="mono-text" to="/explore/traces/$traceId" params={{ traceId: trace.traceId }} search={{}}>
                {trace.traceId.slice(0, 8)}
              </Link>
            </td>
            <td className="trace-root">
              <span className="trace-root-name">
                {hasErrors(trace, props.errors) ? <ErrorMark /> : <i className="no-mark" />}
                <span className="text-2">{trace.service}</span> <span className="cut">{trace.name}</span>
              </span>
            </td>
            {hasServices ? (
              <td className="text-2">{trace.services.map(({ name, spans }) => `${name} ${spans}`).join(', ')}</td>
            ) : null}
            <td className="number">{trace.matched}</td>
            <td className="number">
              <Amount value={toQuantity(trace.durationMs / 1_000, 'seconds')} />
            </td>
            <td className="trace-bar-cell">
              <i
                className={hasErrors(trace, props.errors) ? 'trace-bar trace-bar-error' : 'trace-bar'}
                style={{ width: `${((100 * trace.durationMs) / longest).toFixed(1)}%` }}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
