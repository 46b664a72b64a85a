import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactElement, useCallback, useMemo, useState } from 'react'
import { filterGraph, type ServiceGraph } from '../../data/services/graph.ts'
import { useServiceGraph } from '../../data/services/use-service-graph.ts'
import { describeRange } from '../../data/time-range.ts'
import { useView } from '../../data/view.tsx'
import { toCount, toRate, toText } from '../../format/quantity.ts'
import { Checkbox, Segmented } from '../../parts/controls.tsx'
import { Icon } from '../../parts/icon.tsx'
import { PartialNote } from '../../parts/partial-note.tsx'
import { Empty, Failure, Notes, Skeleton } from '../../parts/states.tsx'
import { Page } from '../../shell/page.tsx'
import { CallsPanel } from './calls-panel.tsx'
import { EdgeDrawer } from './edge-drawer.tsx'
import { layoutMap } from './layout.ts'
import { MapCanvas } from './map-canvas.tsx'
import { MapLegend } from './map-legend.tsx'
import type { EdgeFigure } from './map-shapes.tsx'
import { NodeDrawer } from './node-drawer.tsx'
import type { MapSearch } from './search.ts'
import '../../styles/explore.css'
import '../../styles/trace.css'
import '../../styles/map.css'

/** Who calls whom, over all clusters: rate, failures and latency, and the way to what is behind them. */
export function MapPage(): ReactElement {
  const search = useSearch({ from: '/map' })
  const navigate = useNavigate({ from: '/map' })
  const change = useCallback(
    (changes: Partial<MapSearch>): void => void navigate({ search: (before) => ({ ...before, ...changes }) }),
    [navigate],
  )
  const answer = useServiceGraph()
  const graph = answer.data?.graph
  const filter = useMemo(
    () => ({ find: search.find ?? '', withStores: search.stores === undefined, onlyFailing: search.failing === '1' }),
    [search.find, search.stores, search.failing],
  )
  const shown = useMemo(() => (graph === undefined ? undefined : filterGraph(graph, filter)), [graph, filter])
  return (
    <Page crumbs={[{ name: 'Service map' }]}>
      <MapToolbar search={search} graph={graph} onChange={change} />
      <PartialNote />
      <Notes warnings={answer.data?.warnings ?? []} />
      {answer.isError ? (
        <Failure reason={answer.error} onRetry={() => void answer.refetch()} />
      ) : graph === undefined || shown === undefined ? (
        <Skeleton label="Loading the map" rows={16} />
      ) : graph.edges.length === 0 ? (
        <NoCalls />
      ) : (
        <MapSheet whole={graph} graph={shown} search={search} isOld={answer.isPlaceholderData} onChange={change} />
      )}
    </Page>
  )
}

function MapToolbar(props: {
  readonly search: MapSearch
  readonly graph: ServiceGraph | undefined
  readonly onChange: (changes: Partial<MapSearch>) => void
}): ReactElement {
  const { search, graph, onChange } = props
  const view = useView()
  const requests = graph?.edges.reduce((sum, edge) => sum + edge.requests, 0)
  return (
    <div className="toolbar">
      <span className="text-2">
        {graph === undefined || requests === undefined
          ? ''
          : `${toCount(graph.nodes.size)} services, ${toText(toRate(requests))}, ${describeRange(view.range, view.interval).toLowerCase()}`}
      </span>
      <span className="grow" />
      <span className="text-3">Calls by</span>
      <Segmented<EdgeFigure>
        label="Calls by"
        value={search.by ?? 'rate'}
        onChange={(by) => onChange({ by: by === 'rate' ? undefined : by })}
        options={[
          { value: 'rate', face: 'Rate' },
          { value: 'p95', face: 'p95' },
          { value: 'errors', face: 'Errors' },
        ]}
      />
      <Checkbox checked={search.stores === undefined} onChange={(on) => onChange({ stores: on ? undefined : '0' })}>
        Data stores
      </Checkbox>
      <Checkbox checked={search.failing === '1'} onChange={(on) => onChange({ failing: on ? '1' : undefined })}>
        Only failing
      </Checkbox>
      <label className="field find">
        <Icon name="search" />
        <input
          data-find=""
          aria-label="Find a service or a cluster"
          placeholder="Find a service"
          value={search.find ?? ''}
          onChange={(event) => onChange({ find: event.target.value === '' ? undefined : event.target.value })}
        />
      </label>
    </div>
  )
}

function NoCalls(): ReactElement {
  const view = useView()
  return (
    <Empty
      title="No calls between services in this range"
      actions={
        <button type="button" className="button" onClick={() => view.setRange({ from: 'now-24h', to: 'now' })}>
          Last 24 h
        </button>
      }
    >
      The map is made of spans: a call is a client's span and the server's span that it caused. Send traces to an edge
      over OTLP; the first calls show within a minute.
    </Empty>
  )
}

function MapSheet(props: {
  readonly whole: ServiceGraph
  readonly graph: ServiceGraph
  readonly search: MapSearch
  readonly isOld: boolean
  readonly onChange: (changes: Partial<MapSearch>) => void
}): ReactElement {
  const { whole, graph, search, onChange } = props
  // Names, not numbers: a refresh that brings the same services moves nothing.
  const shape = [...graph.nodes.keys(), ...graph.edges.map(({ id }) => id)].join('\n')
  const [kept, setKept] = useState(() => ({ shape, layout: layoutMap(graph) }))
  if (kept.shape !== shape) setKept({ shape, layout: layoutMap(graph) })
  const { layout } = kept
  const onNode = useCallback((node: string | undefined) => onChange({ node, edge: undefined }), [onChange])
  const onEdge = useCallback((edge: string | undefined) => onChange({ edge, node: undefined }), [onChange])
  const node = search.node === undefined ? undefined : whole.nodes.get(search.node)
  const edge = search.edge === undefined ? undefined : whole.edges.find(({ id }) => id === search.edge)
  const close = (): void => {
    onChange({ node: undefined, edge: undefined })
    focusNode(search.node)
  }
  return (
    <div className={props.isOld ? 'side results-old' : 'side'}>
      <div className="side-main">
        {graph.edges.length === 0 ? (
          <Empty
            title={search.find === undefined ? 'Nothing fails' : 'No call has these words in its ends'}
            actions={
              <button
                type="button"
                className="button"
                onClick={() => onChange({ find: undefined, failing: undefined, stores: undefined })}
              >
                Show all
              </button>
            }
          >
            {search.failing === '1' ? 'No call fails more than once in a hundred in this range.' : undefined}
          </Empty>
        ) : (
          <MapCanvas
            graph={graph}
            layout={layout}
            by={search.by ?? 'rate'}
            node={search.node}
            edge={search.edge}
            onNode={onNode}
            onEdge={onEdge}
          />
        )}
        <MapLegend by={search.by ?? 'rate'} />
      </div>
      {node !== undefined ? (
        <NodeDrawer key={node.id} node={node} graph={whole} onEdge={onEdge} onClose={close} />
      ) : edge !== undefined ? (
        <EdgeDrawer key={edge.id} edge={edge} graph={whole} onNode={onNode} onClose={close} />
      ) : search.node !== undefined || search.edge !== undefined ? (
        <Gone name={search.node ?? search.edge ?? ''} onClose={close} />
      ) : (
        <CallsPanel graph={graph} onEdge={onEdge} />
      )}
    </div>
  )
}

/** A link from an incident may name what no longer calls anybody. */
function Gone({ name, onClose }: { readonly name: string; readonly onClose: () => void }): ReactElement {
  return (
    <aside className="drawer" aria-label="Not in this range">
      <Empty
        title="Not in this range"
        actions={
          <button type="button" className="button" onClick={onClose}>
            All calls
          </button>
        }
      >
        <code>{name}</code> neither called nor was called. Choose a longer range, or another scope.
      </Empty>
    </aside>
  )
}

/** Focus returns to what opened the drawer. */
function focusNode(id: string | undefined): void {
  if (id !== undefined) document.querySelector<SVGGElement>(`[data-node="${CSS.escape(id)}"]`)?.focus()
}
