import { alertsFiring } from './alert-queries.ts'
import { errorRatio, latency, requestRate } from './http-queries.ts'
import {
  atEnd,
  bars,
  CHOSEN,
  column,
  defineDashboard,
  heatmap,
  overTime,
  stat,
  states,
  statusHistory,
  table,
  timeSeries,
} from './kit/index.ts'
import { cpuShare, memoryShare } from './resource-queries.ts'

/** The wall of whoever is on call: what is wrong, where, since when. */
export const sreOperations = defineDashboard({
  uid: 'fleetglass-operations',
  title: 'SRE Operations Center',
  description: 'Status, alerts, errors, resources, GPUs and the network between clusters, for whoever is on call.',
  tags: ['fleet'],
  sections: [
    {
      title: 'Status',
      panels: [
        stat({
          title: 'Targets that answer, by cluster',
          width: 24,
          unit: 'percentunit',
          description: 'The share of scrape targets that are up.',
          targets: [atEnd(`avg by (cluster) (up{${CHOSEN}})`, '{{cluster}}')],
        }),
        statusHistory({
          title: 'Status grid',
          description: 'The share of scrape targets that do not answer, by cluster and time.',
          width: 24,
          height: 6,
          unit: 'percentunit',
          words: { '0': { text: 'all answer' } },
          thresholds: [
            [0.001, 'yellow'],
            [0.5, 'red'],
          ],
          targets: [overTime(`1 - avg by (cluster) (up{${CHOSEN}})`, '{{cluster}}')],
        }),
        table({
          title: 'Clusters compared',
          description: 'Latency is the 95th percentile.',
          width: 24,
          columns: [
            column('Requests', requestRate('environment, cluster', '$window'), 'reqps'),
            column('Errors', errorRatio('environment, cluster', '$window'), 'percentunit'),
            column('Latency', latency(0.95, 'environment, cluster', '$window'), 's'),
            column('CPU', cpuShare('environment, cluster', '$window'), 'percentunit'),
            column('Memory', memoryShare('environment, cluster'), 'percentunit'),
          ],
        }),
      ],
    },
    {
      title: 'Alerts',
      panels: [
        states({
          title: 'Alerts firing, by cluster and severity',
          width: 12,
          needs: 'alerting',
          thresholds: [
            [1, 'orange'],
            [5, 'red'],
          ],
          targets: [overTime(alertsFiring('cluster, severity'), '{{cluster}} {{severity}}')],
        }),
        heatmap({
          title: 'Alert heat map',
          description: 'How many alerts fired when, by cluster.',
          width: 12,
          needs: 'alerting',
          targets: [overTime(alertsFiring('cluster'), '{{cluster}}')],
        }),
      ],
    },
    {
      title: 'Errors',
      panels: [
        timeSeries({
          title: 'Share of requests that fail',
          width: 12,
          unit: 'percentunit',
          min: 0,
          needs: 'http',
          targets: [overTime(errorRatio('cluster', '$__rate_interval'), '{{cluster}}')],
        }),
        bars({
          title: 'Services by failed requests',
          width: 12,
          unit: 'reqps',
          needs: 'http',
          targets: [
            atEnd(
              `topk(10, ${requestRate('cluster, service_name', '$window', 'http_response_status_code=~"5.."')})`,
              '{{cluster}} {{service_name}}',
            ),
          ],
        }),
      ],
    },
    {
      title: 'Resources',
      panels: [
        timeSeries({
          title: 'Processors in use',
          width: 12,
          unit: 'percentunit',
          min: 0,
          needs: 'host',
          targets: [overTime(cpuShare('cluster', '$__rate_interval'), '{{cluster}}')],
        }),
        timeSeries({
          title: 'Memory in use',
          width: 12,
          unit: 'percentunit',
          min: 0,
          needs: 'host',
          targets: [overTime(memoryShare('cluster'), '{{cluster}}')],
        }),
        bars({
          title: 'Pods by processors in use',
          width: 12,
          needs: 'kubelet',
          targets: [
            atEnd(
              `topk(10, sum by (cluster, namespace, pod) (rate(container_cpu_usage_seconds_total{container!="", ${CHOSEN}}[$window])))`,
              '{{cluster}} {{namespace}}/{{pod}}',
            ),
          ],
        }),
        bars({
          title: 'Services by requests',
          width: 12,
          unit: 'reqps',
          needs: 'http',
          targets: [
            atEnd(`topk(10, ${requestRate('cluster, service_name', '$window')})`, '{{cluster}} {{service_name}}'),
          ],
        }),
      ],
    },
    {
      title: 'GPUs and the network between clusters',
      panels: [
        table({
          title: 'GPUs, by cluster and host',
          width: 12,
          needs: 'dcgm',
          columns: [
            column('GPUs', `count by (cluster, Hostname) (DCGM_FI_DEV_GPU_UTIL{${CHOSEN}})`),
            column('Utilisation', `avg by (cluster, Hostname) (DCGM_FI_DEV_GPU_UTIL{${CHOSEN}})`, 'percent'),
            column('Hottest', `max by (cluster, Hostname) (DCGM_FI_DEV_GPU_TEMP{${CHOSEN}})`, 'celsius'),
            column('Power', `sum by (cluster, Hostname) (DCGM_FI_DEV_POWER_USAGE{${CHOSEN}})`, 'watt'),
          ],
        }),
        timeSeries({
          title: 'Time of calls between clusters, 95th percentile',
          description: 'As the caller sees it, the network included.',
          width: 12,
          unit: 's',
          needs: 'spans',
          targets: [
            overTime(
              'histogram_quantile(0.95, sum by (client_cluster, server_cluster, le) (rate(traces_service_graph_request_client_seconds_bucket{server_cluster=~"$cluster"}[$__rate_interval])))',
              '{{client_cluster}} → {{server_cluster}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Calls between clusters',
          width: 12,
          unit: 'reqps',
          needs: 'spans',
          targets: [
            overTime(
              'sum by (client_cluster, server_cluster) (rate(traces_service_graph_request_total{server_cluster=~"$cluster"}[$__rate_interval]))',
              '{{client_cluster}} → {{server_cluster}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Network of the nodes',
          width: 12,
          unit: 'Bps',
          needs: 'host',
          targets: [
            overTime(
              `sum by (cluster, network_io_direction) (rate(system_network_io_bytes_total{${CHOSEN}}[$__rate_interval]))`,
              '{{cluster}} {{network_io_direction}}',
            ),
          ],
        }),
      ],
    },
  ],
})
