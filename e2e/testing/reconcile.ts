import { eventually } from './local-fleet.ts'
import type { Producer } from './producer.ts'

interface Streams {
  readonly data: { readonly result: readonly { readonly values: readonly (readonly [string, string])[] }[] }
}

interface Hub {
  readonly getJson: <T>(pathAndQuery: string) => Promise<T>
}

interface Fleet {
  readonly clusters: readonly { readonly cluster: string; readonly queue?: { readonly records: number } }[]
}

interface Ledger {
  readonly current: boolean
  readonly clusters: readonly { readonly signals: readonly { readonly queued: number }[] }[]
}

export interface Reconciliation {
  readonly acknowledged: number
  readonly present: number
  /** Acknowledged, and not there. */
  readonly lost: readonly string[]
  /** There more than once. */
  readonly doubled: readonly string[]
}

/**
 * Compares what the producers were told is accepted with what the hub's own API answers, once everything has arrived
 * or the time is up.
 */
export async function reconcile(
  hub: Hub,
  producers: readonly Producer[],
  startNs: bigint,
  timeoutMs = 60_000,
): Promise<Reconciliation> {
  const present = await eventually(
    () => readAll(hub, producers, startNs),
    (lines) => producers.every(({ acknowledged }) => [...acknowledged].every((id) => lines.has(id))),
    timeoutMs,
  ).catch(() => readAll(hub, producers, startNs))
  const acknowledged = producers.flatMap((producer) => [...producer.acknowledged])
  const result = {
    acknowledged: acknowledged.length,
    present: present.size,
    lost: acknowledged.filter((id) => !present.has(id)),
    doubled: [...present].filter(([, times]) => times > 1).map(([id]) => id),
  }
  process.stderr.write(
    `acknowledged ${result.acknowledged}, present ${result.present}, lost ${result.lost.length}, doubled ${result.doubled.length}\n`,
  )
  return result
}

/** Every line of the producers at the hub, with how often it is there; read page by page. */
async function readAll(
  hub: Hub,
  producers: readonly Producer[],
  startNs: bigint,
): Promise<ReadonlyMap<string, number>> {
  // A producer that sends to an edge is called as its cluster.
  const edges = new Set(producers.map(({ name }) => name))
  await eventually(
    () => hub.getJson<Fleet>('/api/v1/fleet'),
    ({ clusters }) => clusters.every(({ cluster, queue }) => !edges.has(cluster) || queue?.records === 0),
  ).catch(() => undefined)
  // A record that is still to be stored could be the second one of its kind.
  await eventually(
    () => hub.getJson<Ledger>('/api/v1/ledger'),
    ({ current, clusters }) => current && clusters.every(({ signals }) => signals.every(({ queued }) => queued === 0)),
  ).catch(() => undefined)
  const lines = new Map<string, number>()
  let fromNs = startNs
  for (;;) {
    const params = new URLSearchParams({
      query: '{service_name="producer"}',
      start: String(fromNs),
      end: String(BigInt(Date.now() + 3_600_000) * 1_000_000n),
      limit: '5000',
      direction: 'forward',
    })
    const { data } = await hub.getJson<Streams>(`/loki/api/v1/query_range?${params.toString()}`)
    const page = data.result.flatMap(({ values }) => values)
    for (const [, line] of page) lines.set(line, (lines.get(line) ?? 0) + 1)
    if (page.length === 0) return lines
    fromNs = page.map(([time]) => BigInt(time)).reduce((a, b) => (a > b ? a : b)) + 1n
  }
}
