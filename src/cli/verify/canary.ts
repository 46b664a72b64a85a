import { randomBytes } from 'node:crypto'
import type { Signal } from '../../model/index.ts'

/**
 * A small piece of telemetry that can be found again: OTLP/JSON for one signal, marked with an id of its own, and the
 * query that reads it back at the hub.
 */
export interface Canary {
  readonly signal: Signal
  readonly id: string
  /** Below an OTLP/HTTP address. */
  readonly path: string
  readonly body: string
  /** Below the hub's address. */
  readonly query: string
  /** The clusters under which the hub's answer shows it; empty while it has not arrived (no answer at all). */
  readonly clustersIn: (answer: unknown) => readonly string[]
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue: string }
}

/** With `claims`, the payload pretends to come from that cluster, on the resource and on the record itself. */
export function createCanary(signal: Signal, claims?: string): Canary {
  const id = randomBytes(16).toString('hex')
  const claimed = claims === undefined ? [] : [attribute('k8s.cluster.name', claims), attribute('cluster', claims)]
  const resource = { attributes: [attribute('service.name', 'fleetglass-verify'), ...claimed] }
  const record = [attribute('canary_id', id), ...(claims === undefined ? [] : [attribute('cluster', claims)])]
  switch (signal) {
    case 'metrics':
      return metricCanary(id, resource, record)
    case 'logs':
      return logCanary(id, resource, record)
    case 'traces':
      return traceCanary(id, resource, record)
  }
}

interface PrometheusAnswer {
  readonly data: { readonly result: readonly { readonly metric: Readonly<Record<string, string>> }[] }
}

interface LokiAnswer {
  readonly data: { readonly result: readonly { readonly stream: Readonly<Record<string, string>> }[] }
}

interface TempoAnswer {
  readonly batches?: readonly { readonly resource: { readonly attributes: readonly Attribute[] } }[]
}

type Resource = { readonly attributes: readonly Attribute[] }

function metricCanary(id: string, resource: Resource, attributes: readonly Attribute[]): Canary {
  const point = { timeUnixNano: nowNs(), asDouble: 1, attributes }
  const metric = { name: 'fleetglass.canary', gauge: { dataPoints: [point] } }
  return {
    signal: 'metrics',
    id,
    path: '/v1/metrics',
    body: JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] }),
    query: `/prometheus/api/v1/query?${new URLSearchParams({ query: `fleetglass_canary{canary_id="${id}"}` }).toString()}`,
    clustersIn: (answer) =>
      (answer as PrometheusAnswer | undefined)?.data.result.map(({ metric: labels }) => labels['cluster'] ?? '') ?? [],
  }
}

function logCanary(id: string, resource: Resource, attributes: readonly Attribute[]): Canary {
  const record = {
    timeUnixNano: nowNs(),
    severityNumber: 9,
    body: { stringValue: `fleetglass canary ${id}` },
    attributes,
  }
  return {
    signal: 'logs',
    id,
    path: '/v1/logs',
    body: JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] }),
    query: `/loki/api/v1/query_range?${new URLSearchParams({
      query: `{service_name="fleetglass-verify"} |= "${id}"`,
      start: String(BigInt(Date.now() - 600_000) * 1_000_000n),
      end: String(BigInt(Date.now() + 600_000) * 1_000_000n),
      limit: '10',
    }).toString()}`,
    clustersIn: (answer) =>
      (answer as LokiAnswer | undefined)?.data.result.map(({ stream }) => stream['cluster'] ?? '') ?? [],
  }
}

function traceCanary(id: string, resource: Resource, attributes: readonly Attribute[]): Canary {
  const span = {
    traceId: id,
    spanId: randomBytes(8).toString('hex'),
    name: 'fleetglass canary',
    kind: 1,
    startTimeUnixNano: nowNs(),
    endTimeUnixNano: nowNs(),
    attributes,
  }
  return {
    signal: 'traces',
    id,
    path: '/v1/traces',
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
    query: `/tempo/api/traces/${id}`,
    clustersIn: (answer) =>
      (answer as TempoAnswer | undefined)?.batches?.map(
        (batch) => batch.resource.attributes.find(({ key }) => key === 'k8s.cluster.name')?.value.stringValue ?? '',
      ) ?? [],
  }
}

function attribute(key: string, value: string): Attribute {
  return { key, value: { stringValue: value } }
}

function nowNs(): string {
  return `${String(Date.now())}000000`
}
