import { errorRatio, latency, requestRate } from './http-queries.ts'
import { atEnd, column, defineDashboard, overTime, singleLabelVariable, stat, table, timeSeries } from './kit/index.ts'

const side = (variable: 'left' | 'right'): string => `environment="$${variable}"`

/** Services with requests in one environment; written out, because the dashboard's own choice does not apply. */
const rate = (variable: 'left' | 'right', by: string, window = '$window'): string =>
  `sum by (${by}) (rate(http_server_request_duration_seconds_count{${side(variable)}}[${window}]))`

const errors = (variable: 'left' | 'right', by: string): string =>
  `sum by (${by}) (rate(http_server_request_duration_seconds_count{http_response_status_code=~"5..", ${side(variable)}}[$window]))`

const p95 = (variable: 'left' | 'right', by: string): string =>
  `histogram_quantile(0.95, sum by (${by}, le) (rate(http_server_request_duration_seconds_bucket{${side(variable)}}[$window])))`

const versions = (variable: 'left' | 'right'): string =>
  `group by (service_name, service_version) ({__name__=~"target_info|http_server_request_duration_seconds_count", service_version!="", ${side(variable)}})`

/** Staging against production: what differs, what exists on one side alone, how much room is left. */
export const environmentComparison = defineDashboard({
  uid: 'fleetglass-environments',
  title: 'Environment Comparison',
  description: 'Two environments side by side, what drifted apart, and their capacity.',
  tags: ['compare'],
  variables: [
    singleLabelVariable('left', 'Left', 'environment', 'environment!=""'),
    singleLabelVariable('right', 'Right', 'environment', 'environment!="", environment!="$left"'),
  ],
  sections: [
    {
      title: 'Side by side',
      panels: [
        timeSeries({
          title: 'Requests',
          width: 12,
          unit: 'reqps',
          needs: 'http',
          targets: [overTime(requestRate('environment', '$__rate_interval'), '{{environment}}')],
        }),
        timeSeries({
          title: 'Errors',
          width: 12,
          unit: 'percentunit',
          min: 0,
          needs: 'http',
          targets: [overTime(errorRatio('environment', '$__rate_interval'), '{{environment}}')],
        }),
        timeSeries({
          title: 'Latency, 50th percentile',
          width: 12,
          unit: 's',
          needs: 'http',
          targets: [overTime(latency(0.5, 'environment', '$__rate_interval'), '{{environment}}')],
        }),
        timeSeries({
          title: 'Latency, 95th percentile',
          width: 12,
          unit: 's',
          needs: 'http',
          targets: [overTime(latency(0.95, 'environment', '$__rate_interval'), '{{environment}}')],
        }),
      ],
    },
    {
      title: 'Drift',
      panels: [
        table({
          title: 'Left against right, by service',
          description: 'Quotients of left by right over the window: 1 means equal.',
          width: 24,
          needs: 'http',
          columns: [
            column('Requests', `${rate('left', 'service_name')} / ${rate('right', 'service_name')}`),
            column(
              'Errors',
              `(${errors('left', 'service_name')} / ${rate('left', 'service_name')}) / (${errors('right', 'service_name')} / ${rate('right', 'service_name')})`,
            ),
            column('Latency', `${p95('left', 'service_name')} / ${p95('right', 'service_name')}`),
          ],
        }),
        table({
          title: 'Services on the left only',
          width: 8,
          needs: 'http',
          columns: [
            column('Rate', `${rate('left', 'service_name')} unless on (service_name) ${rate('right', 'service_name')}`),
          ],
        }),
        table({
          title: 'Services on the right only',
          width: 8,
          needs: 'http',
          columns: [
            column('Rate', `${rate('right', 'service_name')} unless on (service_name) ${rate('left', 'service_name')}`),
          ],
        }),
        table({
          title: 'Versions on the left that the right does not have',
          width: 8,
          columns: [
            column('Version', `${versions('left')} unless on (service_name, service_version) ${versions('right')}`),
          ],
        }),
      ],
    },
    {
      title: 'Capacity',
      panels: [
        stat({
          title: 'Clusters, left',
          width: 6,
          targets: [atEnd(`count(count by (cluster) (up{${side('left')}}))`)],
        }),
        stat({
          title: 'Clusters, right',
          width: 6,
          targets: [atEnd(`count(count by (cluster) (up{${side('right')}}))`)],
        }),
        stat({
          title: 'Requests for each core, left',
          width: 6,
          unit: 'reqps',
          needs: 'host',
          targets: [atEnd(`sum(${rate('left', 'cluster')}) / sum(system_cpu_logical_count{${side('left')}})`)],
        }),
        stat({
          title: 'Requests for each core, right',
          width: 6,
          unit: 'reqps',
          needs: 'host',
          targets: [atEnd(`sum(${rate('right', 'cluster')}) / sum(system_cpu_logical_count{${side('right')}})`)],
        }),
        timeSeries({
          title: 'Processors in use',
          width: 12,
          unit: 'percentunit',
          min: 0,
          max: 1,
          needs: 'host',
          targets: (['left', 'right'] as const).map((variable) =>
            overTime(
              `1 - sum(rate(system_cpu_time_seconds_total{cpu_mode="idle", ${side(variable)}}[$__rate_interval])) / sum(rate(system_cpu_time_seconds_total{${side(variable)}}[$__rate_interval]))`,
              `$${variable}`,
            ),
          ),
        }),
        timeSeries({
          title: 'Memory free',
          width: 12,
          unit: 'bytes',
          min: 0,
          needs: 'host',
          targets: (['left', 'right'] as const).map((variable) =>
            overTime(`sum(system_memory_usage_bytes{system_memory_state="free", ${side(variable)}})`, `$${variable}`),
          ),
        }),
      ],
    },
  ],
})
