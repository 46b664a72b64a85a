import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createAccess } from '../../access/index.ts'
import type { ClusterSnapshot, FleetSnapshot } from '../../contract/index.ts'
import { type Clock, createMetrics, silentLogger } from '../../core/index.ts'
import type { Labels } from '../../model/index.ts'
import { createMemoryCardinality } from '../../query/testing/memory-cardinality.ts'
import { createMemoryExemplars } from '../../query/testing/memory-exemplars.ts'
import { createMemoryLogs } from '../../query/testing/memory-logs.ts'
import { createMemoryMetrics, seriesOf } from '../../query/testing/memory-metrics.ts'
import { createMemoryServices } from '../../query/testing/memory-services.ts'
import { createMemoryVolumes } from '../../query/testing/memory-volumes.ts'
import { createMemoryTraces, type OwnedSpan, spanOf } from '../../query/testing/memory-traces.ts'
import { createInlineRunner } from '../handlers/index.ts'
import { buildApp, type HttpApiOptions } from '../server.ts'

/** 2026-01-01T00:00:00Z. */
export const NOW_MS = 1_767_225_600_000

export const TRACE_IDS = { dev: 'd'.repeat(32), prd: 'e'.repeat(32) } as const

const clock: Clock = { now: () => NOW_MS, sleep: () => Promise.resolve() }

/** Everything that belongs to the tenant carries `canary-<tenant>` in it. */
function dataOf(tenant: 'dev' | 'prd'): {
  labels: Labels
  metrics: ReturnType<typeof seriesOf>[]
  spans: OwnedSpan[]
} {
  const canary = `canary-${tenant}`
  const cluster = `${canary}-cluster`
  const labels = { cluster, tenant_id: tenant, [`label_canary_${tenant}`]: canary }
  const startMs = NOW_MS - 600_000
  const samples = Array.from({ length: 21 }, (_, i) => [startMs + i * 30_000, i * 10] as const)
  const start = BigInt(NOW_MS - 60_000) * 1_000_000n
  const span = spanOf({
    traceId: TRACE_IDS[tenant],
    name: `GET /${canary}`,
    kind: 2,
    statusCode: 2,
    startNs: start,
    endNs: start + 250_000_000n,
    resource: { 'service.name': { type: 'string', value: `service-${canary}` } },
    attributes: {
      'http.status_code': { type: 'int', value: 500n },
      [`attribute.canary.${tenant}`]: { type: 'string', value: canary },
    },
  })
  return {
    labels,
    metrics: [
      seriesOf('requests_total', { ...labels, job: 'a' }, samples),
      seriesOf('requests_total', { ...labels, job: 'b' }, samples),
      seriesOf(`metric_canary_${tenant}`, labels, samples),
      seriesOf('up', { ...labels, job: `pool-${canary}`, instance: 'a:1' }, [
        [NOW_MS - 40_000, 1],
        [NOW_MS - 10_000, 0],
      ]),
      seriesOf('scrape_duration_seconds', { ...labels, job: `pool-${canary}`, instance: 'a:1' }, [
        [NOW_MS - 10_000, 0.25],
      ]),
    ],
    spans: [{ tenant, cluster, span }],
  }
}

const dev = dataOf('dev')
const prd = dataOf('prd')

const logs = createMemoryLogs(
  [dev, prd].map(({ labels }) => ({
    labels: { ...labels, service_name: 'shop' },
    lines: Array.from({ length: 3 }, (_, i) => ({
      timeNs: BigInt(NOW_MS - 30_000 + i * 10_000) * 1_000_000n + 1n,
      line: `line ${String(i)} of ${String(labels.cluster)}`,
      structuredMetadata: { level: i === 0 ? 'info' : 'error', trace_id: String(labels.cluster) },
    })),
  })),
)

/** Of both tenants, in memory. */
export const sources = {
  metrics: createMemoryMetrics(
    [...dev.metrics, ...prd.metrics],
    (['dev', 'prd'] as const).map((tenant) => ({
      tenant,
      name: `metric_canary_${tenant}`,
      type: 'counter',
      unit: '',
      help: `help canary-${tenant}`,
    })),
  ),
  exemplars: createMemoryExemplars(
    [dev, prd].map(({ labels, spans }) => ({
      labels: { __name__: 'requests_total', ...labels, job: 'a' },
      exemplars: [{ timeMs: NOW_MS - 30_050, value: 6, labels: { trace_id: spans[0]?.span.traceId ?? '' } }],
    })),
  ),
  cardinality: createMemoryCardinality([...dev.metrics, ...prd.metrics].map(({ labels }) => labels)),
  logs,
  logVolumes: createMemoryVolumes(logs),
  traces: createMemoryTraces([...dev.spans, ...prd.spans]),
  services: createMemoryServices([...dev.spans, ...prd.spans]),
}

function clusterOf(tenant: 'dev' | 'prd'): ClusterSnapshot {
  return {
    cluster: `canary-${tenant}-cluster`,
    environment: tenant,
    region: 'here',
    clusterType: 'workload',
    tenant,
    status: 'healthy',
    sinceMs: 0,
    rates: { metrics: 0, logs: 0, traces: 0 },
    history: { startMs: 0, stepMs: 1, metrics: [], logs: [], traces: [], lagP50Ms: [], lagP99Ms: [] },
    rejected: { perSecond: 0, total: {}, recent: [] },
    overwritten: 0,
    ledger: {
      accepted: 0,
      stored: 0,
      forwardedOnly: 0,
      rejected: 0,
      queued: 0,
      deduplicated: 0,
      difference: 0,
      balanced: true,
    },
    deadLetters: 0,
    sends: [],
    edges: [],
  }
}

const fleet: FleetSnapshot = {
  fleet: 'test',
  hub: { cluster: 'ops', version: '0', startedAtMs: 0, engine: 'none' },
  nowMs: NOW_MS,
  clusters: [clusterOf('dev'), clusterOf('prd')],
  destinations: [],
  events: (['dev', 'prd'] as const).map((tenant) => ({
    atMs: 0,
    cluster: `canary-${tenant}-cluster`,
    kind: 'status' as const,
    message: 'healthy',
  })),
  refusals: { total: { unknown: 2 }, recent: [{ atMs: 0, reason: 'unknown', detail: 'canary-prd', remote: '::1' }] },
}

export interface TestHub {
  readonly app: FastifyInstance
  /** Headers of a caller: `dev` and `prd` see their tenant, `all` everything, `nobody` sends none. */
  readonly headers: (caller: 'dev' | 'prd' | 'all' | 'nobody') => Record<string, string>
}

/** A hub over sources in memory with two tenants, `dev` and `prd`. */
export async function createTestHub(changes: Partial<HttpApiOptions> = {}): Promise<TestHub> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-'))
  const token = async (name: string): Promise<{ file: string }> => {
    await writeFile(join(folder, name), `token-${name}`)
    return { file: join(folder, name) }
  }
  const access = await createAccess({
    teams: [
      { name: 'dev', tenants: ['dev'], role: 'viewer', tokens: [await token('dev')] },
      { name: 'prd', tenants: ['prd'], role: 'viewer', tokens: [await token('prd')] },
      { name: 'all', tenants: 'all', role: 'admin', tokens: [await token('all')] },
    ],
  })
  const app = await buildApp({
    listen: { host: '127.0.0.1', port: 0 },
    runner: createInlineRunner({ sources, clock, onFault: () => undefined }),
    access,
    fleet: () => fleet,
    metrics: createMetrics(),
    consoleDir: join(folder, 'absent'),
    readiness: () => [],
    log: silentLogger(),
    ...changes,
  })
  return {
    app,
    headers: (caller) => (caller === 'nobody' ? {} : { authorization: `Bearer token-${caller}` }),
  }
}
