import { Link } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import type { LogEntry } from '../../data/loki/entry.ts'
import { nodeId } from '../../data/services/graph.ts'
import type { SpanNode, TraceTree } from '../../data/trace/tree.ts'
import { useView } from '../../data/view.tsx'
import { showControls } from '../../format/log-body.ts'
import { toPercent, toText } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import { toTimeOfDay } from '../../format/zone.ts'
import { Drawer } from '../../parts/drawer.tsx'
import { ErrorMark, Icon } from '../../parts/icon.tsx'
import { Pennant } from '../../parts/pennant.tsx'
import { CompareLink } from '../../parts/service-links.tsx'
import { LogBody } from '../logs/log-row.tsx'

type Tab = 'attributes' | 'events' | 'logs' | 'links'

/** All that is known of one span. */
export function SpanDrawer(props: {
  readonly node: SpanNode
  readonly tree: TraceTree
  readonly traceId: string
  readonly colour: string
  readonly logs: readonly LogEntry[] | undefined
  readonly onClose: () => void
}): ReactElement {
  const { node, tree } = props
  const { span } = node
  const [tab, setTab] = useState<Tab>('attributes')
  const durationMs = node.endMs - node.startMs
  const attributes = [...Object.entries(span.attributes), ...Object.entries(span.resource)]
  const logs = props.logs?.filter(({ fields }) => fields['span_id'] === span.id)
  const counts: Readonly<Record<Tab, number | undefined>> = {
    attributes: attributes.length,
    events: span.events.length,
    logs: logs?.length,
    links: span.links.length,
  }
  return (
    <Drawer
      label={`Span ${span.name}`}
      onClose={props.onClose}
      head={
        <div className="span-head">
          <h2>
            <i className="span-mark" style={{ backgroundColor: props.colour }} />
            <span className="cut">{showControls(span.name)}</span>
          </h2>
          <p className="text-3 cut">
            {showControls(span.service)}{' '}
            {span.environment === undefined ? null : <Pennant environment={span.environment} />} {span.cluster}{' '}
            <span className="mono">{span.id}</span>
          </p>
        </div>
      }
    >
      <dl className="span-facts">
        <Fact name="Duration" value={toText(toQuantity(durationMs / 1_000, 'seconds'))} />
        <Fact name="Self time" value={toText(toQuantity(node.selfMs / 1_000, 'seconds'))} />
        <Fact
          name="Of the trace"
          value={toText(toPercent(tree.durationMs === 0 ? 1 : Math.min(1, durationMs / tree.durationMs)))}
        />
      </dl>
      <div className="drawer-links">
        <CompareLink service={span.service} cluster={span.cluster} operation={span.name} />
        <Link className="button button-small" to="/map" search={{ node: nodeId(span.cluster, span.service) }}>
          <Icon name="map" /> On the map
        </Link>
      </div>
      {span.isError ? (
        <p className="note note-silent">
          <ErrorMark />
          <span>
            <b className="status-silent">{showControls(span.attributes['error.type'] ?? 'Failed')}</b>{' '}
            {showControls(span.statusMessage)}
          </span>
        </p>
      ) : null}
      <div className="span-tabs">
        <div className="tabs" role="tablist" aria-label="Details">
          {(['attributes', 'events', 'logs', 'links'] as const).map((name) => (
            <button key={name} type="button" role="tab" aria-selected={name === tab} onClick={() => setTab(name)}>
              {name[0]?.toUpperCase()}
              {name.slice(1)} <span className="text-3">{counts[name] ?? ''}</span>
            </button>
          ))}
        </div>
      </div>
      <div className="drawer-body" role="tabpanel">
        {tab === 'attributes' ? (
          <Pairs
            pairs={[['kind', span.kind], ['scope', span.scope], ...attributes].filter(([, value]) => value !== '')}
          />
        ) : tab === 'events' ? (
          <Events node={node} />
        ) : tab === 'logs' ? (
          <SpanLogs logs={logs} node={node} traceId={props.traceId} />
        ) : (
          <Links node={node} />
        )}
      </div>
    </Drawer>
  )
}

function Fact(props: { readonly name: string; readonly value: string }): ReactElement {
  return (
    <div>
      <dt className="label">{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  )
}

function Pairs({ pairs }: { readonly pairs: readonly (readonly (string | undefined)[])[] }): ReactElement {
  return (
    <dl className="pairs">
      {pairs.map(([name = '', value = ''], index) => (
        <div key={`${name}${index}`}>
          <dt title={name}>{showControls(name)}</dt>
          <dd title={value}>{showControls(value)}</dd>
        </div>
      ))}
    </dl>
  )
}

function Events({ node }: { readonly node: SpanNode }): ReactElement {
  if (node.span.events.length === 0) return <p className="text-3">This span has no events.</p>
  return (
    <>
      {node.span.events.map((event, index) => (
        <section key={index}>
          <h3 className="event-head">
            <span className="mono">+{toText(toQuantity((event.atMs - node.span.startMs) / 1_000, 'seconds'))}</span>{' '}
            {showControls(event.name)}
          </h3>
          <Pairs pairs={Object.entries(event.attributes)} />
        </section>
      ))}
    </>
  )
}

function Links({ node }: { readonly node: SpanNode }): ReactElement {
  if (node.span.links.length === 0) return <p className="text-3">This span links to no other.</p>
  return (
    <>
      {node.span.links.map((link) => (
        <section key={`${link.traceId}${link.spanId}`}>
          <Link
            className="mono-text"
            to="/explore/traces/$traceId"
            params={{ traceId: link.traceId }}
            search={{ span: link.spanId }}
          >
            {link.traceId.slice(0, 16)}… span {link.spanId}
          </Link>
          <Pairs pairs={Object.entries(link.attributes)} />
        </section>
      ))}
    </>
  )
}

function SpanLogs(props: {
  readonly logs: readonly LogEntry[] | undefined
  readonly node: SpanNode
  readonly traceId: string
}): ReactElement {
  const { zone } = useView()
  const { logs } = props
  if (logs === undefined) return <p className="text-3">loading logs</p>
  const query = `{cluster=${JSON.stringify(props.node.span.cluster)}} | trace_id=${JSON.stringify(props.traceId)} | span_id=${JSON.stringify(props.node.span.id)}`
  return (
    <>
      {logs.length === 0 ? <p className="text-3">No log line names this span.</p> : null}
      <ol className="span-logs">
        {logs.map((entry) => (
          <li key={entry.key} className={`level-${entry.level}`}>
            <i className="log-edge" />
            <span className="log-time">{toTimeOfDay(entry.ms, zone, 'ms')}</span>
            <span className="log-level">{entry.level}</span>
            <span className="log-body">
              <LogBody line={entry.line} needles={[]} />
            </span>
          </li>
        ))}
      </ol>
      <Link to="/explore/logs" search={{ q: query }}>
        Open in Explore
      </Link>
    </>
  )
}
