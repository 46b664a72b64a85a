import { AppError } from '../../core/index.ts'
import * as jaeger from '../jaeger/legacy.ts'
import * as jaegerRefused from '../jaeger/refused.ts'
import * as jaegerV3 from '../jaeger/v3.ts'
import * as lokiDetected from '../loki/detected.ts'
import { exportPage } from '../loki/export.ts'
import { formatQuery } from '../loki/format-query.ts'
import * as lokiNames from '../loki/names.ts'
import { patterns } from '../loki/patterns.ts'
import * as lokiQuery from '../loki/query.ts'
import * as lokiStatus from '../loki/status.ts'
import { tailLook } from '../loki/tail-frame.ts'
import * as lokiVolume from '../loki/volume.ts'
import type { ApiRequest, ApiResponse } from '../messages.ts'
import * as prometheusExemplars from '../prometheus/exemplars.ts'
import * as prometheusFederate from '../prometheus/federate.ts'
import * as prometheusMetadata from '../prometheus/metadata.ts'
import * as prometheusNames from '../prometheus/names.ts'
import * as prometheusLanguage from '../prometheus/language.ts'
import * as prometheusQuery from '../prometheus/query.ts'
import * as prometheusRead from '../prometheus/remote-read.ts'
import * as prometheusRules from '../prometheus/rules.ts'
import * as prometheusStatus from '../prometheus/status.ts'
import { targetMetadata as prometheusTargetMetadata } from '../prometheus/target-metadata.ts'
import * as prometheusTargets from '../prometheus/targets.ts'
import * as prometheusTsdb from '../prometheus/tsdb-status.ts'
import { renderError } from '../render-error.ts'
import { QUERY_ROUTES, type QueryRouteName } from '../routes.ts'
import * as tempoMetrics from '../tempo/metrics.ts'
import * as tempoSearch from '../tempo/search.ts'
import * as tempoStatus from '../tempo/status.ts'
import { summary as tempoSummary } from '../tempo/summary.ts'
import * as tempoTags from '../tempo/tags.ts'
import * as tempoTrace from '../tempo/trace.ts'
import type { ApiHandler, HandlerContext } from './handler.ts'

const HANDLERS: Readonly<Record<QueryRouteName, ApiHandler>> = {
  'prometheus.query': prometheusQuery.query,
  'prometheus.query-range': prometheusQuery.queryRange,
  'prometheus.format-query': prometheusLanguage.formatQuery,
  'prometheus.parse-query': prometheusLanguage.parseQuery,
  'prometheus.series': prometheusNames.series,
  'prometheus.labels': prometheusNames.labels,
  'prometheus.label-values': prometheusNames.labelValues,
  'prometheus.metadata': prometheusMetadata.metadata,
  'prometheus.exemplars': prometheusExemplars.exemplars,
  'prometheus.rules': prometheusRules.rules,
  'prometheus.alerts': prometheusRules.alerts,
  'prometheus.targets': prometheusTargets.targets,
  'prometheus.target-metadata': prometheusTargetMetadata,
  'prometheus.scrape-pools': prometheusTargets.scrapePools,
  'prometheus.federate': prometheusFederate.federate,
  'prometheus.read': prometheusRead.remoteRead,
  'prometheus.alertmanagers': prometheusRules.alertmanagers,
  'prometheus.features': prometheusStatus.features,
  'prometheus.config': prometheusStatus.config,
  'prometheus.flags': prometheusStatus.flags,
  'prometheus.runtime-info': prometheusStatus.runtimeInfo,
  'prometheus.tsdb': prometheusTsdb.tsdbStatus,
  'prometheus.blocks': prometheusStatus.blocks,
  'prometheus.notifications': prometheusStatus.notifications,
  'prometheus.wal-replay': prometheusStatus.walReplay,
  'prometheus.build-info': prometheusStatus.buildInfo,
  'loki.query': lokiQuery.query,
  'loki.query-range': lokiQuery.queryRange,
  'loki.labels': lokiNames.labels,
  'loki.label': lokiNames.labels,
  'loki.label-values': lokiNames.labelValues,
  'loki.series': lokiNames.series,
  'loki.index-stats': lokiVolume.indexStats,
  'loki.volume': lokiVolume.volume,
  'loki.volume-range': lokiVolume.volumeRange,
  'loki.detected-labels': lokiDetected.detectedLabels,
  'loki.detected-fields': lokiDetected.detectedFields,
  'loki.detected-field-values': lokiDetected.detectedFieldValues,
  'loki.patterns': patterns,
  'loki.format-query': formatQuery,
  'loki.tail': tailLook,
  'loki.export-page': exportPage,
  'loki.rules': lokiStatus.rules,
  'loki.drilldown-limits': lokiStatus.drilldownLimits,
  'loki.build-info': lokiStatus.buildInfo,
  'tempo.echo': tempoStatus.echo,
  'tempo.trace': tempoTrace.trace,
  'tempo.trace-v2': tempoTrace.traceV2,
  'tempo.search': tempoSearch.search,
  'tempo.tags': tempoTags.tags,
  'tempo.tags-v2': tempoTags.tagsV2,
  'tempo.tag-values': tempoTags.tagValues,
  'tempo.tag-values-v2': tempoTags.tagValuesV2,
  'tempo.metrics-range': tempoMetrics.queryRange,
  'tempo.metrics-instant': tempoMetrics.query,
  'tempo.metrics-summary': tempoSummary,
  'tempo.build-info': tempoStatus.buildInfo,
  'tempo.ready': tempoStatus.ready,
  'jaeger.services': jaeger.services,
  'jaeger.operation-names': jaeger.operationNames,
  'jaeger.operations': jaeger.operations,
  'jaeger.traces': jaeger.traces,
  'jaeger.trace': jaeger.trace,
  'jaeger.dependencies': jaeger.dependencies,
  'jaeger.archive': jaegerRefused.archive,
  'jaeger.transform': jaegerRefused.transform,
  'jaeger.metrics': jaegerRefused.metrics,
  'jaeger-v3.services': jaegerV3.services,
  'jaeger-v3.operations': jaegerV3.operations,
  'jaeger-v3.traces': jaegerV3.traces,
  'jaeger-v3.trace': jaegerV3.trace,
  'jaeger-v3.trace-summaries': jaegerV3.traceSummaries,
  'jaeger-v3.dependencies': jaegerV3.dependencies,
  'jaeger-v3.capabilities': jaegerV3.capabilities,
}

/** Answers a request; every error becomes a response in the shape of its API. `onFault` hears of our own faults. */
export async function handleRequest(
  request: ApiRequest,
  context: HandlerContext,
  onFault: (error: AppError) => void,
): Promise<ApiResponse> {
  try {
    return await HANDLERS[request.route](request, context)
  } catch (reason) {
    const error = AppError.from(reason)
    if (error.code === 'internal' || error.code === 'corrupt') onFault(error)
    return renderError(QUERY_ROUTES[request.route].api, error)
  }
}
