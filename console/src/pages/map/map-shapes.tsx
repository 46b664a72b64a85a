import { memo, type ReactElement } from 'react'
import {
  failShare,
  isFailing,
  type ServiceEdge,
  type ServiceGraph,
  type ServiceNode,
} from '../../data/services/graph.ts'
import { showControls } from '../../format/log-body.ts'
import { toPercent, toRate, toText } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import { type Box, edgePath, NODE, type Point } from './layout.ts'

/** What the width and the words of the lines say. */
export type EdgeFigure = 'rate' | 'p95' | 'errors'

/** The bar of a node is full at this share of failures. */
const FULL_BAR = 0.25
const KNOWN_ENVIRONMENTS = new Set(['dev', 'stg', 'prd', 'ops'])

const TITLES: Readonly<Record<Box['kind'], string>> = { cluster: '', callers: 'Callers', outside: 'Outside' }

/** A cluster, or those who send nothing of their own. */
export function MapBox({ box, graph }: { readonly box: Box; readonly graph: ServiceGraph }): ReactElement {
  const isCluster = box.kind === 'cluster'
  const environment = KNOWN_ENVIRONMENTS.has(box.environment) ? box.environment : 'other'
  return (
    <g className={isCluster ? `map-box map-env-${environment}` : 'map-box map-box-other'}>
      {isCluster ? <rect x={box.x} y={box.y} width={box.width} height={box.height} /> : null}
      {isCluster ? <path d={`M${box.x} ${box.y}h${box.width}`} className="map-box-edge" /> : null}
      <foreignObject x={box.x + 1} y={box.y + 4} width={box.width - 2} height={52}>
        <div className="map-box-head">
          <p className="cut" title={box.cluster}>
            {isCluster ? (
              <span className={`pennant pennant-${environment}`}>
                {showControls(box.environment || 'no environment')}
              </span>
            ) : null}{' '}
            <b>{isCluster ? showControls(box.cluster) : TITLES[box.kind]}</b>
          </p>
          <p className="cut text-3">{isCluster ? describeCluster(box.cluster, graph) : 'no spans of its own'}</p>
        </div>
      </foreignObject>
    </g>
  )
}

/** How many services, what comes in, and how much of it fails. */
function describeCluster(cluster: string, graph: ServiceGraph): string {
  const own = [...graph.nodes.values()].filter((node) => node.cluster === cluster)
  const services = own.filter(({ kind }) => kind === 'service').length
  const stores = own.length - services
  const incoming = graph.edges.filter(({ from, to }) => {
    const [a, b] = [graph.nodes.get(from), graph.nodes.get(to)]
    return b?.cluster === cluster && a?.cluster !== cluster
  })
  const requests = incoming.reduce((sum, edge) => sum + edge.requests, 0)
  const failed = incoming.reduce((sum, edge) => sum + edge.failed, 0)
  const count = `${services} ${services === 1 ? 'service' : 'services'}${stores === 0 ? '' : `, ${stores} ${stores === 1 ? 'store' : 'stores'}`}`
  return requests === 0
    ? count
    : `${count} · ${toText(toRate(requests))} in · ${toText(toPercent(failed / requests))} fail`
}

const WORDS: Readonly<Record<ServiceNode['kind'], string>> = {
  service: 'service',
  store: 'data store',
  outside: 'outside, no spans of its own',
  caller: 'caller, no spans of its own',
}

export const MapNode = memo(function MapNode(props: {
  readonly node: ServiceNode
  readonly place: Point | undefined
  readonly isSelected: boolean
  readonly canFocus: boolean
  readonly onFocus: (id: string) => void
  readonly onChoose: (id: string) => void
}): ReactElement | null {
  const { node, place } = props
  if (place === undefined) return null
  const failing = isFailing(node)
  const share = Math.min(1, failShare(node) / FULL_BAR)
  const classes = ['map-node', `map-node-${node.kind}`, failing ? 'failing' : '', props.isSelected ? 'selected' : '']
  return (
    <g
      className={classes.join(' ')}
      transform={`translate(${place.x} ${place.y})`}
      role="button"
      tabIndex={props.canFocus ? 0 : -1}
      data-node={node.id}
      aria-pressed={props.isSelected}
      aria-label={describeNode(node)}
      onFocus={() => props.onFocus(node.id)}
      onClick={() => props.onChoose(node.id)}
    >
      <rect width={NODE.width} height={NODE.height} rx={2} />
      <foreignObject width={NODE.width} height={NODE.height}>
        <div className="map-node-body" aria-hidden="true">
          <p className="map-node-name">
            <b className="cut" title={node.name}>
              {showControls(node.name || 'no name')}
            </b>
            <NodeMark node={node} isFailing={failing} />
          </p>
          <p className="map-node-figures">
            <span>{node.kind === 'caller' ? 'calls' : toText(toRate(node.requests))}</span>
            <span>{node.p95S === undefined ? '' : toText(toQuantity(node.p95S, 'seconds'))}</span>
          </p>
        </div>
      </foreignObject>
      <path className="map-bar" d={`M10 42.5h${NODE.width - 20}`} />
      {share > 0 ? <path className="map-bar-failed" d={`M10 42.5h${Math.max(1, (NODE.width - 20) * share)}`} /> : null}
    </g>
  )
})

function describeNode(node: ServiceNode): string {
  const where = node.cluster === '' ? '' : ` in ${node.cluster}`
  const latency = node.p95S === undefined ? '' : `, 95 % within ${toText(toQuantity(node.p95S, 'seconds'))}`
  const figures =
    node.requests === 0
      ? ''
      : `: ${toText(toRate(node.requests))}, ${toText(toPercent(failShare(node)))} fail${latency}`
  return `${showControls(node.name)}, ${WORDS[node.kind]}${where}${figures}`
}

/** A shape, so that colour is not the only sign. */
function NodeMark({
  node,
  isFailing: failing,
}: {
  readonly node: ServiceNode
  readonly isFailing: boolean
}): ReactElement | null {
  if (failing)
    return (
      <svg className="status-degraded" width="11" height="11" viewBox="0 0 12 12" aria-hidden="true">
        <path d="M6 .8 11.6 11H.4z" fill="currentColor" />
      </svg>
    )
  const path =
    node.kind === 'store'
      ? 'M1.5 3c0-2.2 9-2.2 9 0v6c0 2.2-9 2.2-9 0zM1.5 3c0 2.2 9 2.2 9 0'
      : node.kind === 'service'
        ? undefined
        : 'M5 2H2v8h8V7M6.5 1.5h4v4M10.5 1.5 5.5 6.5'
  if (path === undefined) return null
  return (
    <svg
      className="text-3"
      width="11"
      height="11"
      viewBox="0 0 12 12"
      fill="none"
      stroke="currentColor"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  )
}

export const MapEdge = memo(function MapEdge(props: {
  readonly edge: ServiceEdge
  readonly from: Point | undefined
  readonly to: Point | undefined
  readonly by: EdgeFigure
  readonly isSelected: boolean
  readonly isTold: boolean
  readonly isQuiet: boolean
  readonly onChoose: (id: string) => void
}): ReactElement | null {
  const { edge, from, to } = props
  if (from === undefined || to === undefined) return null
  const { path, middle } = edgePath(from, to)
  const failing = isFailing(edge)
  const classes = [
    'map-edge',
    failing ? 'failing' : '',
    props.isSelected ? 'selected' : '',
    props.isQuiet ? 'quiet' : '',
  ]
  const words = wordsOf(edge, props.by)
  return (
    <g className={classes.join(' ')} data-edge={edge.id} onClick={() => props.onChoose(edge.id)}>
      <title>{showControls(`${edge.id}: ${describeEdge(edge)}`)}</title>
      {/* Wide enough to be hit. */}
      <path d={path} className="map-edge-hit" />
      {props.isSelected ? <path d={path} className="map-edge-halo" /> : null}
      <path
        d={path}
        className="map-edge-line"
        strokeWidth={widthOf(edge, props.by)}
        strokeDasharray={edge.isMessaging ? '6 3' : undefined}
        markerEnd={`url(#map-arrow-${failing ? 'failing' : 'plain'})`}
      />
      {props.isTold ? (
        <text x={middle.x} y={middle.y - 5} textAnchor="middle">
          {words}
        </text>
      ) : null}
    </g>
  )
})

function describeEdge(edge: ServiceEdge): string {
  const latency = edge.p95S === undefined ? '' : `, 95 % within ${toText(toQuantity(edge.p95S, 'seconds'))}`
  return `${toText(toRate(edge.requests))}, ${toText(toPercent(failShare(edge)))} fail${latency}`
}

function wordsOf(edge: ServiceEdge, by: EdgeFigure): string {
  const fail = isFailing(edge) ? `${toText(toPercent(failShare(edge)))} fail` : ''
  if (by === 'errors') return fail === '' ? `${toText(toPercent(failShare(edge)))} fail` : fail
  if (by === 'p95') return edge.p95S === undefined ? 'no data' : toText(toQuantity(edge.p95S, 'seconds'))
  return [toText(toRate(edge.requests)), fail].filter(Boolean).join(' · ')
}

/** Wider by powers of ten, so that a hundredfold can be told from a tenfold. */
function widthOf(edge: ServiceEdge, by: EdgeFigure): number {
  const steps = { rate: [10, 100, 1_000], p95: [0.05, 0.5, 2], errors: [0.001, 0.01, 0.1] }[by]
  const value = by === 'rate' ? edge.requests : by === 'p95' ? (edge.p95S ?? 0) : failShare(edge)
  return 1 + steps.filter((step) => value >= step).length
}
