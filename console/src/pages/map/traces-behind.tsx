import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { searchTraces } from '../../data/tempo/client.ts'
import { useView } from '../../data/view.tsx'
import { showControls } from '../../format/log-body.ts'
import { toText } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import { toMoment } from '../../format/zone.ts'

const SHOWN = 10

/** The newest traces that a search finds, those that failed if there are some; each opens with one click. */
export function TracesBehind(props: {
  readonly query: string
  readonly failed: string
  readonly hasFailed: boolean
}): ReactElement {
  const { interval, tenant, nowMs, zone } = useView()
  const query = props.hasFailed ? props.failed : props.query
  const within = {
    fromMs: Math.floor(interval.fromMs / 15_000) * 15_000,
    toMs: Math.ceil(interval.toMs / 15_000) * 15_000,
  }
  const found = useQuery({
    queryKey: ['tempo', 'search', query, within, SHOWN, tenant],
    queryFn: ({ signal }) => searchTraces(query, within, SHOWN, { signal, tenant }),
  })
  const traces = found.data?.traces ?? []
  const longest = Math.max(1, ...traces.map(({ durationMs }) => durationMs))
  return (
    <section aria-label="Traces">
      <header className="panel-head">
        <h3>{props.hasFailed ? 'Traces that fail' : 'Traces'}</h3>
        <span className="grow" />
        <Link to="/explore/traces" search={{ q: query }}>
          All in Explore
        </Link>
      </header>
      {found.isError ? <p className="panel-none status-silent">{found.error.message}</p> : null}
      {found.isPending ? <p className="panel-none">loading traces</p> : null}
      {found.data?.traces.length === 0 ? <p className="panel-none">No trace of it is stored in this range.</p> : null}
      <ul>
        {traces.map((trace) => (
          <li key={trace.traceId}>
            <Link
              className="trace-behind"
              to="/explore/traces/$traceId"
              params={{ traceId: trace.traceId }}
              search={{}}
              title={`${showControls(trace.service)}: ${showControls(trace.name)}`}
            >
              <span className="mono text-3">{toMoment(trace.startMs, nowMs, zone)}</span>
              <span className="mono-text">{trace.traceId.slice(0, 8)}</span>
              <i>
                <b
                  className={props.hasFailed ? 'failed' : ''}
                  style={{ width: `${Math.max(2, (trace.durationMs / longest) * 100)}%` }}
                />
              </i>
              <span className="number">{toText(toQuantity(trace.durationMs / 1_000, 'seconds'))}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
