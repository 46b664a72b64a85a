import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type ReactElement, type ReactNode, useMemo, useState } from 'react'
import { downloadText } from '../../data/download.ts'
import { nsOf, queryLogs } from '../../data/loki/client.ts'
import { type LogEntry, mergeEntries } from '../../data/loki/entry.ts'
import type { WholeTrace } from '../../data/tempo/client.ts'
import { wholeTraceQuery } from '../../data/trace/whole-trace-query.ts'
import { anyOf } from '../../data/services/queries.ts'
import { buildTree, type TraceTree } from '../../data/trace/tree.ts'
import { absoluteRange } from '../../data/time-range.ts'
import { useView } from '../../data/view.tsx'
import { showControls } from '../../format/log-body.ts'
import { toCount, toText } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import { toMoment } from '../../format/zone.ts'
import { Segmented, Switch } from '../../parts/controls.tsx'
import { ErrorMark, Icon } from '../../parts/icon.tsx'
import { Pennant } from '../../parts/pennant.tsx'
import { Empty, Failure, Notes, Skeleton } from '../../parts/states.tsx'
import { Page } from '../../shell/page.tsx'
import { CopyLink } from '../explore/explore-actions.tsx'
import { Flame } from './flame.tsx'
import { OperationsTable } from './operations-table.tsx'
import type { TraceSearch } from './search.ts'
import { SpanDrawer } from './span-drawer.tsx'
import { traceColours } from './trace-colours.ts'
import { Waterfall } from './waterfall.tsx'
import '../../styles/explore.css'
import '../../styles/logs.css'
import '../../styles/charts.css'
import '../../styles/trace.css'

/** One trace, across all the clusters that it crosses. */
export function TracePage(): ReactElement {
  const { traceId } = useParams({ from: '/explore/traces/$traceId' })
  const { tenant } = useView()
  const result = useQuery(wholeTraceQuery(traceId, tenant))
  return (
    <Page crumbs={[{ name: 'Explore', to: '/explore/traces' }, { name: `Trace ${traceId.slice(0, 8)}` }]}>
      {result.isPending ? <Skeleton label="Loading the trace" rows={20} /> : null}
      {result.isError ? <Failure reason={result.error} onRetry={() => void result.refetch()} /> : null}
      {result.data === undefined || result.isError ? null : result.data.spans.length === 0 ? (
        <Empty title="This trace has no spans that you may read">
          It may be older than the retention, of another tenant, or not yet stored.
        </Empty>
      ) : (
        <TraceSheet traceId={traceId} trace={result.data} />
      )}
    </Page>
  )
}

function TraceSheet({ traceId, trace }: { readonly traceId: string; readonly trace: WholeTrace }): ReactElement {
  const search = useSearch({ from: '/explore/traces/$traceId' })
  const navigate = useNavigate({ from: '/explore/traces/$traceId' })
  const change = (changes: Partial<TraceSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...changes }), replace: true })
  const [find, setFind] = useState('')
  const corrected = useMemo(() => buildTree(trace.spans, true), [trace])
  const tree = useMemo(
    () => (search.recorded === '1' ? buildTree(trace.spans, false) : corrected),
    [trace, corrected, search.recorded],
  )
  const clusters = useMemo(() => clustersOf(tree), [tree])
  const colourBy = search.colour ?? (clusters.length > 1 ? 'cluster' : 'service')
  const colours = useMemo(() => traceColours(tree, colourBy), [tree, colourBy])
  const logs = useTraceLogs(
    traceId,
    tree,
    clusters.map(({ cluster }) => cluster),
  )
  const matches = useMemo(() => findSpans(tree, find), [tree, find])
  const chosen = search.span === undefined ? undefined : tree.byId.get(search.span)
  return (
    <>
      <TraceHead traceId={traceId} tree={tree} trace={trace} clusters={clusters} logs={logs} />
      <Notes
        warnings={[
          ...(trace.note === undefined || trace.note === '' ? [] : [trace.note]),
          ...(tree.orphans === 0
            ? []
            : [
                `${tree.orphans} ${tree.orphans === 1 ? 'span names a parent that is' : 'spans name parents that are'} not here: the trace may be incomplete.`,
              ]),
        ]}
      />
      <SkewStrip
        tree={corrected}
        isRecorded={search.recorded === '1'}
        onRecorded={(on) => change({ recorded: on ? '1' : undefined })}
      />
      <div className="side">
        <div className="side-main">
          <div className="toolbar">
            <Segmented
              label="View"
              value={search.view ?? 'waterfall'}
              onChange={(view) => change({ view: view === 'waterfall' ? undefined : view })}
              options={[
                { value: 'waterfall', face: 'Waterfall' },
                { value: 'flame', face: 'Flame' },
                { value: 'table', face: 'Table' },
              ]}
            />
            <Segmented
              label="Colour by"
              value={colourBy}
              onChange={(colour) => change({ colour })}
              options={[
                { value: 'cluster', face: 'Clusters' },
                { value: 'service', face: 'Services' },
              ]}
            />
            <label className="field">
              <Icon name="search" />
              <input
                aria-label="Find in spans"
                placeholder="Find in spans"
                data-find
                value={find}
                onChange={(event) => setFind(event.target.value)}
              />
              {find === '' ? <kbd>/</kbd> : <span className="find-count">{matches.size}</span>}
            </label>
            <span className="grow" />
            <span className="trace-legend">
              {colours.names.slice(0, 6).map((name) => (
                <span key={name} className="legend">
                  <i className="swatch" style={{ backgroundColor: colours.ofName(name) }} /> {name}
                </span>
              ))}
              <span className="legend text-3">
                <i className="legend-critical" /> critical path
              </span>
            </span>
          </div>
          {search.view === 'flame' ? (
            <Flame tree={tree} colours={colours} selected={search.span} onSelect={(span) => change({ span })} />
          ) : search.view === 'table' ? (
            <OperationsTable tree={tree} />
          ) : (
            <Waterfall
              tree={tree}
              colours={colours}
              selected={search.span}
              matches={matches}
              onSelect={(span) => change({ span })}
            />
          )}
        </div>
        {chosen === undefined ? null : (
          <SpanDrawer
            node={chosen}
            tree={tree}
            traceId={traceId}
            colour={colours.of(chosen.span)}
            logs={logs}
            onClose={() => change({ span: undefined })}
          />
        )}
      </div>
    </>
  )
}

interface ClusterOfTrace {
  readonly cluster: string
  readonly environment: string | undefined
}

function clustersOf(tree: TraceTree): readonly ClusterOfTrace[] {
  const found = new Map<string, ClusterOfTrace>()
  for (const { span } of tree.nodes)
    if (span.cluster !== '') found.set(span.cluster, { cluster: span.cluster, environment: span.environment })
  return [...found.values()]
}

function findSpans(tree: TraceTree, typed: string): ReadonlySet<string> {
  const text = typed.trim().toLowerCase()
  if (text === '') return new Set()
  const isFound = (value: string): boolean => value.toLowerCase().includes(text)
  return new Set(
    tree.nodes
      .filter(({ span }) => isFound(span.name) || isFound(span.service) || Object.values(span.attributes).some(isFound))
      .map(({ span }) => span.id),
  )
}

/** Lines that name the trace, of the clusters that it crosses. */
function useTraceLogs(traceId: string, tree: TraceTree, clusters: readonly string[]): readonly LogEntry[] | undefined {
  const { tenant } = useView()
  const around = 60_000
  const { data, isError } = useQuery({
    queryKey: ['loki', 'trace', traceId, clusters, tenant],
    queryFn: async ({ signal }) => {
      const selector = clusters.length === 0 ? '{service_name=~".+"}' : `{${anyOf('cluster', clusters)}}`
      const { entries } = await queryLogs(
        {
          query: `${selector} | trace_id=${JSON.stringify(traceId)}`,
          fromNs: nsOf(tree.originMs - around),
          toNs: nsOf(tree.originMs + tree.durationMs + around),
          direction: 'forward',
          limit: 1_000,
        },
        { signal, tenant },
      )
      return mergeEntries([entries], false)
    },
  })
  return isError ? [] : data
}

function TraceHead(props: {
  readonly traceId: string
  readonly tree: TraceTree
  readonly trace: WholeTrace
  readonly clusters: readonly ClusterOfTrace[]
  readonly logs: readonly LogEntry[] | undefined
}): ReactElement {
  const { tree, traceId } = props
  const { zone, nowMs } = useView()
  const root = tree.nodes[0]?.span
  const errors = tree.nodes.filter(({ span }) => span.isError).length
  const services = new Set(tree.nodes.map(({ span }) => span.service)).size
  const around = absoluteRange({ fromMs: tree.originMs - 60_000, toMs: tree.originMs + tree.durationMs + 60_000 })
  return (
    <header className="trace-head">
      <div className="trace-title">
        <h2>
          {errors > 0 ? <ErrorMark size={16} /> : null}
          <span className="cut">
            {showControls(root?.service ?? '')}: {showControls(root?.name ?? '')}
          </span>
        </h2>
        <span className="mono">{traceId}</span>
      </div>
      <dl className="trace-facts">
        <TraceFact name="Duration">
          <b>{toText(toQuantity(tree.durationMs / 1_000, 'seconds'))}</b>
        </TraceFact>
        <TraceFact name="Started">{toMoment(tree.originMs, nowMs, zone, 'ms')}</TraceFact>
        <TraceFact name="Spans">{toCount(tree.nodes.length)}</TraceFact>
        <TraceFact name="Errors">
          <span className={errors > 0 ? 'status-silent' : ''}>{errors}</span>
        </TraceFact>
        <TraceFact name="Services">{services}</TraceFact>
        <TraceFact name="Clusters">
          {props.clusters.slice(0, 4).map(({ cluster, environment }) => (
            <span key={cluster} className="trace-cluster">
              {environment === undefined ? null : <Pennant environment={environment} />} {cluster}
            </span>
          ))}
          {props.clusters.length === 0 ? 'unknown' : ''}
        </TraceFact>
      </dl>
      <span className="grow" />
      <Link
        className="button trace-logs"
        to="/explore/logs"
        search={{ q: `{service_name=~".+"} | trace_id=${JSON.stringify(traceId)}`, ...around }}
      >
        <Icon name="logs" /> {props.logs === undefined ? 'Logs' : `${toCount(props.logs.length)} logs`}
      </Link>
      <button
        type="button"
        className="button"
        onClick={() => downloadText(`trace-${traceId}.json`, 'application/json', [JSON.stringify(props.trace.raw)])}
      >
        <Icon name="export" /> JSON
      </button>
      <CopyLink />
    </header>
  )
}

function TraceFact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt className="label">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** Differences of clocks are corrected, and said. */
function SkewStrip(props: {
  readonly tree: TraceTree
  readonly isRecorded: boolean
  readonly onRecorded: (on: boolean) => void
}): ReactElement | null {
  const { skews } = props.tree
  if (skews.length === 0) return null
  return (
    <div className="note note-info skew" role="status">
      <Icon name="clock" />
      <span>
        <b>{props.isRecorded ? 'Recorded times.' : 'Clock skew corrected.'}</b>{' '}
        {skews.map(({ cluster, aheadMs, spans }) => {
          const amount = toText(toQuantity(Math.abs(aheadMs) / 1_000, 'seconds'))
          return `${cluster} runs ${amount} ${aheadMs > 0 ? 'ahead' : 'behind'}; its ${spans} spans ${props.isRecorded ? 'are as they came' : `are shifted by ${aheadMs > 0 ? '−' : '+'}${amount}`}. `
        })}
      </span>
      <span className="grow" />
      <Switch checked={props.isRecorded} onChange={props.onRecorded}>
        Recorded times
      </Switch>
    </div>
  )
}
