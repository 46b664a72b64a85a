/** Who owns and where runs what a batch tells about. It comes from the client certificate, never from the payload. */
export interface Identity {
  readonly cluster: string
  readonly environment: string
  readonly region: string
  readonly clusterType: string
  readonly tenant: string
}

/** The canonical labels that stand on every series, log record and span, with where their value comes from. */
export const CANONICAL_LABELS: Readonly<Record<string, keyof Identity>> = {
  cluster: 'cluster',
  environment: 'environment',
  region: 'region',
  cluster_type: 'clusterType',
  tenant_id: 'tenant',
}

/** The resource attributes behind them, by OpenTelemetry's semantic conventions. */
export const CANONICAL_RESOURCE_ATTRIBUTES: Readonly<Record<string, keyof Identity>> = {
  'k8s.cluster.name': 'cluster',
  'deployment.environment.name': 'environment',
  'cloud.region': 'region',
}

/** The label that tells when the hub received the record, or first saw the series. */
export const HUB_RECEIVED_AT = 'hub_received_at'
