import { createHash } from 'node:crypto'

/** A data source as Grafana's provisioning files have it. */
export interface DataSource {
  readonly name: string
  readonly type: 'prometheus' | 'loki' | 'tempo' | 'jaeger'
  readonly uid: string
  readonly access: 'proxy'
  readonly url: string
  readonly editable: false
  readonly jsonData: Readonly<Record<string, unknown>>
  readonly secureJsonData?: Readonly<Record<string, string>>
}

/** Names of variables in Grafana's environment. What they hold never comes near us. */
export interface EnvironmentNames {
  /** A bearer token of the hub. */
  readonly token?: string
  /** A certificate authority, PEM. */
  readonly ca?: string
  /** A client certificate and its key, PEM, for what may stand in front of the hub. */
  readonly clientCert?: string
  readonly clientKey?: string
}

export interface DataSourceOptions {
  /** The hub's address as Grafana reaches it, without a slash at its end. */
  readonly url: string
  readonly tenants: readonly string[]
  readonly environment: EnvironmentNames
}

type Kind = 'metrics' | 'logs' | 'traces' | 'jaeger'

const MAX_UID = 40
const HASH_LETTERS = 8

/** What a set of data sources is for: all that the token may read, or one tenant of it. */
type Reach = { readonly tenant: string } | 'all'

/**
 * A set of data sources across all tenants and one for each tenant. Links between signals stay within a set. The uids
 * depend on the tenant's name only, so that dashboards and links hold over reinstallations.
 */
export function createDataSources(options: DataSourceOptions): readonly DataSource[] {
  const reaches: readonly Reach[] = ['all', ...options.tenants.map((tenant) => ({ tenant }))]
  return reaches.flatMap((reach) => createSet(reach, options))
}

function createSet(reach: Reach, { url, environment }: DataSourceOptions): readonly DataSource[] {
  const uid = (kind: Kind): string => uidOf(kind, reach)
  const source = (kind: Kind, type: DataSource['type'], path: string, jsonData: DataSource['jsonData']): DataSource => {
    const { json, secure } = connection(reach, environment)
    return {
      name: reach === 'all' ? `Fleetglass ${kind}` : `Fleetglass ${kind} (${reach.tenant})`,
      type,
      uid: uid(kind),
      access: 'proxy',
      url: `${url}${path}`,
      editable: false,
      jsonData: { ...jsonData, ...json },
      ...(Object.keys(secure).length === 0 ? {} : { secureJsonData: secure }),
    }
  }
  const links = { tracesToLogsV2: toLogs(uid('logs')), tracesToMetrics: toMetrics(uid('metrics')) }
  return [
    source('metrics', 'prometheus', '/prometheus', {
      httpMethod: 'POST',
      prometheusType: 'Prometheus',
      timeInterval: '15s',
      exemplarTraceIdDestinations: [{ name: 'trace_id', datasourceUid: uid('traces') }],
    }),
    source('logs', 'loki', '', { maxLines: 1000, derivedFields: toTraces(uid('traces')) }),
    source('traces', 'tempo', '/tempo', {
      ...links,
      serviceMap: { datasourceUid: uid('metrics') },
      nodeGraph: { enabled: true },
      search: { hide: false },
      // Searches are answered over HTTP.
      streamingEnabled: { search: false, metrics: false },
    }),
    source('jaeger', 'jaeger', '/jaeger', { ...links, nodeGraph: { enabled: true } }),
  ]
}

/** Grafana's limit for uids is 40 letters; a longer one keeps its beginning. */
function uidOf(kind: Kind, reach: Reach): string {
  const uid = reach === 'all' ? `fleetglass-${kind}` : `fleetglass-${kind}-${reach.tenant}`
  if (uid.length <= MAX_UID) return uid
  const hash = createHash('sha256').update(uid).digest('hex').slice(0, HASH_LETTERS)
  return `${uid.slice(0, MAX_UID - HASH_LETTERS - 1)}-${hash}`
}

/** In Grafana's files `$NAME` stands for a variable, and `$$` for a dollar. */
const DOLLAR = '$$'
const reference = (name: string): string => `$${name}`

function connection(
  reach: Reach,
  { token, ca, clientCert, clientKey }: EnvironmentNames,
): { readonly json: Record<string, unknown>; readonly secure: Record<string, string> } {
  const json: Record<string, unknown> = {}
  const secure: Record<string, string> = {}
  const headers: readonly (readonly [string, string])[] = [
    ...(reach === 'all' ? [] : [['X-Scope-OrgID', reach.tenant] as const]),
    ...(token === undefined ? [] : [['Authorization', `Bearer ${reference(token)}`] as const]),
  ]
  headers.forEach(([name, value], i) => {
    json[`httpHeaderName${String(i + 1)}`] = name
    secure[`httpHeaderValue${String(i + 1)}`] = value
  })
  if (ca !== undefined) {
    json['tlsAuthWithCACert'] = true
    secure['tlsCACert'] = reference(ca)
  }
  if (clientCert !== undefined && clientKey !== undefined) {
    json['tlsAuth'] = true
    secure['tlsClientCert'] = reference(clientCert)
    secure['tlsClientKey'] = reference(clientKey)
  }
  return { json, secure }
}

/** From a log line to its trace: by the trace id that the record has, or that its text shows. */
function toTraces(datasourceUid: string): readonly object[] {
  const link = { datasourceUid, url: `${DOLLAR}{__value.raw}`, urlDisplayLabel: 'Trace' }
  return [
    { name: 'trace_id', matcherType: 'label', matcherRegex: '^trace_?[iI][dD]', ...link },
    {
      name: 'TraceID',
      matcherType: 'regex',
      matcherRegex: '[tT]race_?[iI][dD]"?\\s*[=:]\\s*"?([0-9a-fA-F]{32})',
      ...link,
    },
  ]
}

/** From a span to the logs of its service that belong to its trace. */
function toLogs(datasourceUid: string): object {
  return {
    datasourceUid,
    spanStartTimeShift: '-5m',
    spanEndTimeShift: '5m',
    tags: [
      { key: 'service.name', value: 'service_name' },
      { key: 'k8s.cluster.name', value: 'cluster' },
      { key: 'k8s.namespace.name', value: 'k8s_namespace_name' },
    ],
    filterByTraceID: true,
    filterBySpanID: false,
    customQuery: true,
    query: `{${DOLLAR}{__tags}} | trace_id=\`${DOLLAR}{__trace.traceId}\``,
  }
}

/** From a span to the rate, errors and durations of its service, as they are derived from all of its spans. */
function toMetrics(datasourceUid: string): object {
  const calls = (more: string): string => `rate(traces_spanmetrics_calls_total{${DOLLAR}__tags${more}}[5m])`
  const p95 = (more: string): string =>
    `histogram_quantile(0.95, sum by (le) (rate(traces_spanmetrics_latency_bucket{${DOLLAR}__tags${more}}[5m])))`
  const error = ', status_code="STATUS_CODE_ERROR"'
  return {
    datasourceUid,
    spanStartTimeShift: '-30m',
    spanEndTimeShift: '30m',
    tags: [
      { key: 'service.name', value: 'service' },
      { key: 'k8s.cluster.name', value: 'cluster' },
    ],
    queries: [
      { name: 'Rate by operation', query: `sum by (span_name) (${calls('')})` },
      { name: 'Share of errors', query: `sum(${calls(error)}) / sum(${calls('')})` },
      { name: '95th percentile of durations', query: p95('') },
      { name: 'The same of this operation', query: p95(`, span_name=\`${DOLLAR}{__span.name}\``) },
    ],
  }
}
