import { errorRatio, latency, requestRate } from './http-queries.ts'
import {
  CHOSEN,
  column,
  defineDashboard,
  heatmap,
  buckets,
  labelVariable,
  nodeGraph,
  overTime,
  serviceMap,
  table,
  timeSeries,
  traces,
  tracesTable,
} from './kit/index.ts'

const SERVICE = 'service_name=~"$service"'
/** A call belongs to the cluster that answers it. */
const CALLS = 'server=~"$service", server_cluster=~"$cluster"'
const CALL = 'client, client_cluster, server, server_cluster'

/** Requests as they cross clusters: who calls whom, how often it fails, how long it takes. */
export const crossClusterApplications = defineDashboard({
  uid: 'fleetglass-applications',
  title: 'Cross-Cluster Applications',
  description: 'Request flow, errors and latency of services, by cluster and between clusters.',
  tags: ['applications'],
  variables: [labelVariable('service', 'Service', 'service_name', `service_name!="", ${CHOSEN}`)],
  sections: [
    {
      title: 'Request flow',
      panels: [
        nodeGraph({
          title: 'Service graph',
          description: 'From the data source for traces, whose service map reads the metrics that the hub derives.',
          width: 12,
          needs: 'spans',
          targets: [serviceMap()],
        }),
        table({
          title: 'Calls between services',
          description: 'Requests per second, the share that failed, and the 95th percentile of how long they took.',
          width: 12,
          height: 12,
          needs: 'spans',
          columns: [
            column(
              'Requests',
              `sum by (${CALL}) (rate(traces_service_graph_request_total{${CALLS}}[$window]))`,
              'reqps',
            ),
            column(
              'Failed',
              `sum by (${CALL}) (rate(traces_service_graph_request_failed_total{${CALLS}}[$window])) / sum by (${CALL}) (rate(traces_service_graph_request_total{${CALLS}}[$window]))`,
              'percentunit',
            ),
            column(
              'Latency',
              `histogram_quantile(0.95, sum by (${CALL}, le) (rate(traces_service_graph_request_server_seconds_bucket{${CALLS}}[$window])))`,
              's',
            ),
          ],
        }),
        timeSeries({
          title: 'Calls between clusters',
          width: 24,
          unit: 'reqps',
          needs: 'spans',
          targets: [
            overTime(
              `sum by (client_cluster, server_cluster) (rate(traces_service_graph_request_total{${CALLS}}[$__rate_interval]))`,
              '{{client_cluster}} → {{server_cluster}}',
            ),
          ],
        }),
      ],
    },
    {
      title: 'Services',
      panels: [
        timeSeries({
          title: 'Requests',
          width: 12,
          unit: 'reqps',
          needs: 'http',
          targets: [
            overTime(requestRate('cluster, service_name', '$__rate_interval', SERVICE), '{{cluster}} {{service_name}}'),
          ],
        }),
        timeSeries({
          title: 'Errors',
          width: 12,
          unit: 'percentunit',
          min: 0,
          needs: 'http',
          targets: [
            overTime(errorRatio('cluster, service_name', '$__rate_interval', SERVICE), '{{cluster}} {{service_name}}'),
          ],
        }),
        ...[0.5, 0.95, 0.99].map((quantile) =>
          timeSeries({
            title: `Latency, ${String(quantile * 100)}th percentile`,
            width: 8,
            unit: 's',
            needs: 'http',
            targets: [
              overTime(
                latency(quantile, 'cluster, service_name', '$__rate_interval', SERVICE),
                '{{cluster}} {{service_name}}',
                {
                  exemplars: true,
                },
              ),
            ],
          }),
        ),
        heatmap({
          title: 'Latency of all chosen services',
          width: 24,
          unit: 's',
          needs: 'http',
          targets: [
            buckets(
              `sum by (le) (increase(http_server_request_duration_seconds_bucket{${CHOSEN}, ${SERVICE}}[$__rate_interval]))`,
            ),
          ],
        }),
      ],
    },
    {
      title: 'Traces',
      panels: [
        tracesTable({
          title: 'Failed requests',
          width: 12,
          targets: [
            traces(
              '{ resource.service.name =~ "$service" && resource.k8s.cluster.name =~ "$cluster" && status = error }',
            ),
          ],
        }),
        tracesTable({
          title: 'Slow requests',
          width: 12,
          targets: [
            traces(
              '{ resource.service.name =~ "$service" && resource.k8s.cluster.name =~ "$cluster" && duration > 500ms }',
            ),
          ],
        }),
      ],
    },
  ],
})
