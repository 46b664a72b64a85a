import { atEnd, CHOSEN, defineDashboard, overTime, stat, timeSeries } from './kit/index.ts'

const rate = (by: string, metric: string, more = ''): string =>
  `sum by (${by}) (rate(${metric}{${CHOSEN}${more}}[$__rate_interval]))`

/** The edges: what they collect, what waits on their disks, how the hub answers them. */
export const edgeHealth = defineDashboard({
  uid: 'fleetglass-edge',
  title: 'Edge Health',
  description: 'Collection, buffers, sending and resources of the edges.',
  tags: ['fleet'],
  sections: [
    {
      panels: [
        stat({
          title: 'Edges that answer',
          width: 6,
          needs: 'edge',
          targets: [atEnd(`count(fleetglass_otlp_exporter_last_success_timestamp_seconds{${CHOSEN}})`)],
        }),
        stat({
          title: 'Longest since the hub took something',
          width: 6,
          unit: 's',
          needs: 'edge',
          thresholds: [
            [60, 'orange'],
            [300, 'red'],
          ],
          targets: [atEnd(`max(time() - fleetglass_otlp_exporter_last_success_timestamp_seconds{${CHOSEN}})`)],
        }),
        stat({
          title: 'Fullest buffer',
          width: 6,
          unit: 'percentunit',
          needs: 'edge',
          thresholds: [
            [0.7, 'orange'],
            [0.9, 'red'],
          ],
          targets: [atEnd(`max(fleetglass_log_bytes{${CHOSEN}} / fleetglass_log_limit_bytes{${CHOSEN}})`)],
        }),
        stat({
          title: 'Records dropped at the limit',
          width: 6,
          needs: 'edge',
          thresholds: [[1, 'red']],
          targets: [atEnd(`sum(increase(fleetglass_log_dropped_records_total{${CHOSEN}}[$window]))`)],
        }),
      ],
    },
    {
      title: 'Sending',
      panels: [
        timeSeries({
          title: 'Items the hub took',
          width: 12,
          unit: 'cps',
          needs: 'edge',
          targets: [
            overTime(rate('cluster, signal', 'fleetglass_otlp_exporter_sent_items_total'), '{{cluster}} {{signal}}'),
          ],
        }),
        timeSeries({
          title: "The hub's answers",
          width: 12,
          unit: 'reqps',
          needs: 'edge',
          targets: [overTime(rate('cluster, code', 'fleetglass_otlp_exporter_answers_total'), '{{cluster}} {{code}}')],
        }),
        timeSeries({
          title: 'Buffers',
          width: 12,
          unit: 'bytes',
          needs: 'edge',
          targets: [overTime(`sum by (cluster) (fleetglass_log_bytes{${CHOSEN}})`, '{{cluster}}')],
        }),
        timeSeries({
          title: 'Bytes sent',
          width: 12,
          unit: 'Bps',
          needs: 'edge',
          targets: [overTime(rate('cluster', 'fleetglass_otlp_exporter_sent_bytes_total'), '{{cluster}}')],
        }),
      ],
    },
    {
      title: 'Collecting',
      panels: [
        timeSeries({
          title: 'Scrapes, by how they ended',
          width: 12,
          unit: 'cps',
          needs: 'edge',
          targets: [overTime(rate('cluster, outcome', 'fleetglass_scrapes_total'), '{{cluster}} {{outcome}}')],
        }),
        timeSeries({
          title: 'Targets that are down',
          width: 12,
          needs: 'edge',
          targets: [overTime(`sum by (cluster) (fleetglass_scrape_targets{health="down", ${CHOSEN}})`, '{{cluster}}')],
        }),
        timeSeries({
          title: 'Log records read',
          width: 12,
          unit: 'cps',
          needs: 'edge',
          targets: [overTime(rate('cluster', 'fleetglass_filelog_records_total'), '{{cluster}}')],
        }),
        timeSeries({
          title: 'Log files not read yet',
          width: 12,
          unit: 'bytes',
          needs: 'edge',
          targets: [overTime(`sum by (cluster) (fleetglass_filelog_lag_bytes{${CHOSEN}})`, '{{cluster}}')],
        }),
        timeSeries({
          title: 'Personal data taken out',
          width: 12,
          unit: 'cps',
          needs: 'edge',
          targets: [overTime(rate('cluster, rule', 'fleetglass_scrub_matches_total'), '{{cluster}} {{rule}}')],
        }),
        timeSeries({
          title: 'Samples scraped, by job',
          width: 12,
          unit: 'cps',
          needs: 'edge',
          targets: [overTime(rate('cluster, job', 'fleetglass_scrape_samples_total'), '{{cluster}} {{job}}')],
        }),
      ],
    },
    {
      title: 'Process',
      panels: [
        timeSeries({
          title: 'Processors in use',
          width: 12,
          unit: 'percentunit',
          needs: 'edge',
          targets: [overTime(rate('cluster', 'process_cpu_seconds_total', ', job="edge"'), '{{cluster}}')],
        }),
        timeSeries({
          title: 'Memory',
          width: 12,
          unit: 'bytes',
          needs: 'edge',
          targets: [overTime(`sum by (cluster) (process_resident_memory_bytes{job="edge", ${CHOSEN}})`, '{{cluster}}')],
        }),
      ],
    },
  ],
})
