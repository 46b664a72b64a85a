import type { ApiHandler } from '../handlers/handler.ts'
import { jsonResponse } from '../messages.ts'
import { MAX_LIMIT } from './params.ts'

/** The version is that of Loki's API which this one follows: clients choose their calls by it. */
const VERSION = '3.5.0'

export const buildInfo: ApiHandler = () =>
  jsonResponse(
    JSON.stringify({
      version: VERSION,
      revision: 'fleetglass',
      branch: '',
      buildUser: '',
      buildDate: '',
      goVersion: '',
    }),
  )

/** `/loki/api/v1/drilldown-limits`: what Logs Drilldown may ask for. */
export const drilldownLimits: ApiHandler = () =>
  jsonResponse(
    JSON.stringify({
      limits: {
        discover_log_levels: true,
        discover_service_name: [],
        log_level_fields: [],
        max_entries_limit_per_query: MAX_LIMIT,
        max_line_size_truncate: true,
        max_query_bytes_read: '0B',
        max_query_length: '0s',
        max_query_lookback: '0s',
        max_query_range: '0s',
        max_query_series: 0,
        metric_aggregation_enabled: false,
        otlp_config: {},
        pattern_persistence_enabled: false,
        query_timeout: '1m',
        retention_period: '0s',
        retention_stream: null,
        volume_enabled: true,
        volume_max_series: 1000,
      },
      pattern_ingester_enabled: true,
      version: VERSION,
    }),
  )

/** `/loki/api/v1/rules`: rules of logs are not kept under Loki's address. YAML, as its ruler answers. */
export const rules: ApiHandler = () => ({
  status: 200,
  headers: { 'content-type': 'application/yaml' },
  body: new TextEncoder().encode('{}\n'),
})
