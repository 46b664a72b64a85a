import type { InstantRow } from '../../data/prometheus/client.ts'
import { sumServed, type Served } from '../../data/services/use-service-graph.ts'

/** One operation of a service on two sides; a side that does not serve it is undefined. */
export interface ComparedOperation {
  readonly key: string
  readonly service: string
  readonly name: string
  readonly sides: readonly (Served | undefined)[]
  /** A less B of the 95th percentile in seconds, where both are known. */
  readonly differenceS: number | undefined
}

interface SideRows {
  readonly requests: readonly InstantRow[]
  readonly p95: readonly InstantRow[]
}

const SERVED = 'span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"'

/** Of all services, or of one. */
export function operationsQueries(
  service: string | undefined,
  windowS: number,
): { readonly requests: string; readonly p95: string } {
  const within = service === undefined ? SERVED : `service=${JSON.stringify(service)}, ${SERVED}`
  return {
    requests: `sum by (service, span_name, status_code) (rate(traces_spanmetrics_calls_total{${within}}[${windowS}s]))`,
    p95: `histogram_quantile(0.95, sum by (le, service, span_name) (rate(traces_spanmetrics_latency_bucket{${within}}[${windowS}s])))`,
  }
}

const KEY = 'operation'
const SEPARATOR = '\u0000'

/** Both sides' operations beside each other: those whose 95th percentiles are farthest apart come first. */
export function compareOperations(sides: readonly SideRows[]): readonly ComparedOperation[] {
  const served = sides.map(({ requests, p95 }) => {
    const list = sumServed(requests.map(withKey), p95.map(withKey), KEY)
    return new Map(list.map((one) => [one.name, one]))
  })
  const keys = new Set(served.flatMap((side) => [...side.keys()]))
  return [...keys]
    .map((key): ComparedOperation => {
      const [service = '', name = ''] = key.split(SEPARATOR)
      const found = served.map((side) => side.get(key))
      const [a, b] = found.map((one) => one?.p95S)
      return { key, service, name, sides: found, differenceS: a === undefined || b === undefined ? undefined : a - b }
    })
    .sort((x, y) => distance(y) - distance(x) || (x.key < y.key ? -1 : 1))
}

function withKey({ labels, value }: InstantRow): InstantRow {
  return { labels: { ...labels, [KEY]: [labels['service'] ?? '', labels['span_name'] ?? ''].join(SEPARATOR) }, value }
}

function distance({ differenceS }: ComparedOperation): number {
  return differenceS === undefined ? -1 : Math.abs(differenceS)
}
