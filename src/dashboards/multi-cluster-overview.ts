import { errorRatio, latency, requestRate } from './http-queries.ts'
import { atEnd, bars, CHOSEN, column, defineDashboard, overTime, stat, table, timeSeries } from './kit/index.ts'
import { alertsFiring } from './alert-queries.ts'
import { cpuShare, memoryShare } from './resource-queries.ts'

/** Which cluster is not like the others: health, resources, alerts and cost beside each other. */
export const multiClusterOverview = defineDashboard({
  uid: 'fleetglass-multi-cluster',
  title: 'Multi-Cluster Overview',
  description: 'Health, resources, alerts and cost of the chosen clusters beside each other.',
  tags: ['compare'],
  sections: [
    {
      panels: [
        stat({
          title: 'Clusters with data',
          width: 6,
          targets: [atEnd(`count(count by (cluster) ({__name__=~"up|target_info", ${CHOSEN}}))`)],
        }),
        stat({
          title: 'Targets down',
          width: 6,
          thresholds: [[1, 'orange']],
          targets: [atEnd(`count(up{${CHOSEN}} == 0) or vector(0)`)],
        }),
        stat({
          title: 'Alerts firing',
          width: 6,
          needs: 'alerting',
          thresholds: [[1, 'orange']],
          targets: [atEnd(`${alertsFiring('')} or vector(0)`)],
        }),
        stat({
          title: 'Cost per day',
          width: 6,
          unit: 'currencyUSD',
          needs: 'cost',
          targets: [atEnd(`sum(node_total_hourly_cost{${CHOSEN}}) * 24`)],
        }),
      ],
    },
    {
      title: 'Health matrix',
      panels: [
        table({
          title: 'Each cluster over the window',
          description: 'Latency is the 95th percentile.',
          width: 24,
          columns: [
            column('Targets up', `avg by (environment, cluster) (up{${CHOSEN}})`, 'percentunit'),
            column('Requests', requestRate('environment, cluster', '$window'), 'reqps'),
            column('Errors', errorRatio('environment, cluster', '$window'), 'percentunit'),
            column('Latency', latency(0.95, 'environment, cluster', '$window'), 's'),
            column('CPU', cpuShare('environment, cluster', '$window'), 'percentunit'),
            column('Memory', memoryShare('environment, cluster'), 'percentunit'),
            column('Alerts', alertsFiring('environment, cluster')),
          ],
        }),
      ],
    },
    {
      title: 'Resources',
      panels: [
        timeSeries({
          title: 'CPU used',
          width: 12,
          unit: 'percentunit',
          min: 0,
          needs: 'host',
          targets: [overTime(cpuShare('cluster', '$__rate_interval'), '{{cluster}}')],
        }),
        timeSeries({
          title: 'Memory used',
          width: 12,
          unit: 'percentunit',
          min: 0,
          needs: 'host',
          targets: [overTime(memoryShare('cluster'), '{{cluster}}')],
        }),
        timeSeries({
          title: 'Network',
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
        timeSeries({
          title: 'Requests',
          width: 12,
          unit: 'reqps',
          needs: 'http',
          targets: [overTime(requestRate('cluster', '$__rate_interval'), '{{cluster}}')],
        }),
      ],
    },
    {
      title: 'Alerts and cost',
      panels: [
        table({
          title: 'Alerts firing',
          width: 12,
          needs: 'alerting',
          columns: [column('Alerts', alertsFiring('environment, cluster, severity, alertname'))],
        }),
        bars({
          title: 'Cost per day, by cluster',
          width: 12,
          unit: 'currencyUSD',
          needs: 'cost',
          targets: [atEnd(`sort_desc(sum by (cluster) (node_total_hourly_cost{${CHOSEN}}) * 24)`, '{{cluster}}')],
        }),
      ],
    },
  ],
})
