import { listFeatures } from '../../query/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { successResponse } from './json.ts'

/**
 * The version is that of Prometheus' API which this one follows: clients choose their calls by it. An empty map of
 * features says "Prometheus"; a filled one would make Grafana expect Mimir's ruler.
 */
export const buildInfo: ApiHandler = () =>
  successResponse(
    JSON.stringify({
      version: '3.5.0',
      revision: 'fleetglass',
      branch: '',
      buildUser: '',
      buildDate: '',
      goVersion: '',
      features: {},
    }),
  )

/** The hub has no configuration of Prometheus'; its own is for its operators only, and nothing of it is told here. */
export const config: ApiHandler = () => successResponse(JSON.stringify({ yaml: 'global: {}\n' }))

/** The flags of Prometheus that mean something here, with the values that hold. */
export const flags: ApiHandler = (_request, { features: switchedOn }) =>
  successResponse(
    JSON.stringify({
      'enable-feature': [...switchedOn].sort().join(','),
      'query.lookback-delta': '5m',
      'query.max-concurrency': '20',
      'query.max-samples': '50000000',
      'query.timeout': '1m',
    }),
  )

/** Numbers that only a program in Go has are 0 or empty; paths and names of the machine are not told. */
export const runtimeInfo: ApiHandler = (_request, { clock }) => {
  const startTime = new Date(Date.now() - process.uptime() * 1000).toISOString()
  return successResponse(
    JSON.stringify({
      startTime,
      CWD: '',
      hostname: '',
      serverTime: new Date(clock.now()).toISOString(),
      reloadConfigSuccess: true,
      lastConfigTime: startTime,
      corruptionCount: 0,
      goroutineCount: 0,
      GOMAXPROCS: 0,
      GOMEMLIMIT: 0,
      GOGC: '',
      GODEBUG: '',
      storageRetention: '',
    }),
  )
}

/** The store has no blocks of Prometheus'. */
export const blocks: ApiHandler = () => successResponse('{"blocks":[]}')

/** What an operator of Prometheus should know, such as a configuration that could not be read; the console tells ours. */
export const notifications: ApiHandler = () => successResponse('[]')

/** The hub answers queries only after it has replayed its log. */
export const walReplay: ApiHandler = () => successResponse('{"min":0,"max":0,"current":0}')

/** `/api/v1/features`: what of Prometheus' API and language is there. */
export const features: ApiHandler = (_request, context) =>
  successResponse(
    JSON.stringify({
      api: {
        admin: false,
        exclude_alerts: true,
        label_values_match: true,
        lifecycle: false,
        otlp_write_receiver: false,
        query_stats: true,
        query_warnings: true,
        remote_write_receiver: false,
        time_range_labels: true,
        time_range_series: true,
      },
      ...listFeatures(context.features),
      tsdb: { exemplar_storage: true, native_histograms: true },
    }),
  )
