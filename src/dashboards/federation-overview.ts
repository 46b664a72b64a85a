import {
  atEnd,
  CHOSEN_SOURCES,
  column,
  defineDashboard,
  overTime,
  stat,
  states,
  table,
  timeSeries,
} from './kit/index.ts'

const STATUS = `fleetglass_fleet_cluster_status{${CHOSEN_SOURCES}}`

/** One number a status, so that a timeline can show them; the worst wins. */
const STATE_OF_CLUSTER = [
  `max by (source_cluster) (fleetglass_fleet_cluster_status{status="cut-off", ${CHOSEN_SOURCES}} == 1) * 4`,
  `max by (source_cluster) (fleetglass_fleet_cluster_status{status="silent", ${CHOSEN_SOURCES}} == 1) * 3`,
  `max by (source_cluster) (fleetglass_fleet_cluster_status{status="degraded", ${CHOSEN_SOURCES}} == 1) * 2`,
  `max by (source_cluster) (fleetglass_fleet_cluster_status{status="healthy", ${CHOSEN_SOURCES}} == 1)`,
].join(' or ')

const WORDS = {
  '1': { text: 'healthy', color: 'text' },
  '2': { text: 'degraded', color: 'orange' },
  '3': { text: 'silent', color: 'purple' },
  '4': { text: 'cut off', color: 'red' },
}

const inStatus = (status: string): string =>
  `count(max by (source_cluster) (fleetglass_fleet_cluster_status{status=~"${status}", ${CHOSEN_SOURCES}}) == 1) or vector(0)`

/** Is every cluster heard, is everything that came in stored, and what is about to go wrong. */
export const federationOverview = defineDashboard({
  uid: 'fleetglass-federation',
  title: 'Federation Overview',
  description: 'All clusters as the hub hears them: status, rates, lag, queues, refusals, certificates, ledger.',
  tags: ['fleet'],
  sections: [
    {
      panels: [
        stat({
          title: 'Clusters',
          width: 4,
          needs: 'hub',
          targets: [atEnd(`count(count by (source_cluster) (${STATUS}))`)],
        }),
        stat({ title: 'Healthy', width: 4, needs: 'hub', targets: [atEnd(inStatus('healthy'))] }),
        stat({
          title: 'Degraded',
          width: 4,
          needs: 'hub',
          thresholds: [[1, 'orange']],
          targets: [atEnd(inStatus('degraded'))],
        }),
        stat({
          title: 'Silent or cut off',
          width: 4,
          needs: 'hub',
          thresholds: [[1, 'red']],
          targets: [atEnd(inStatus('silent|cut-off'))],
        }),
        stat({
          title: 'Ledger difference',
          description: 'Items accepted that are neither stored, rejected nor queued. Anything but 0 is an alarm.',
          width: 4,
          needs: 'hub',
          thresholds: [[1, 'red']],
          targets: [atEnd(`sum(abs(fleetglass_ledger_difference_items{${CHOSEN_SOURCES}}))`)],
        }),
        stat({
          title: 'First certificate to end',
          width: 4,
          unit: 's',
          needs: 'hub',
          targets: [atEnd(`min(fleetglass_fleet_certificate_not_after_seconds{${CHOSEN_SOURCES}}) - time()`)],
        }),
      ],
    },
    {
      title: 'Clusters',
      panels: [
        states({
          title: 'Status of each cluster',
          width: 24,
          height: 7,
          needs: 'hub',
          words: WORDS,
          thresholds: [
            [2, 'orange'],
            [3, 'blue'],
            [4, 'red'],
          ],
          targets: [overTime(STATE_OF_CLUSTER, '{{source_cluster}}')],
        }),
        table({
          title: 'Each cluster now',
          width: 24,
          needs: 'hub',
          columns: [
            column(
              'Items',
              `sum by (source_cluster) (rate(fleetglass_fleet_accepted_items_total{${CHOSEN_SOURCES}}[$window]))`,
              'cps',
            ),
            column(
              'Bytes',
              `sum by (source_cluster) (rate(fleetglass_fleet_accepted_bytes_total{${CHOSEN_SOURCES}}[$window]))`,
              'Bps',
            ),
            column(
              'Rejected',
              `sum by (source_cluster) (rate(fleetglass_fleet_rejected_items_total{${CHOSEN_SOURCES}}[$window]))`,
              'cps',
            ),
            column('Queue', `sum by (source_cluster) (fleetglass_fleet_edge_queue_bytes{${CHOSEN_SOURCES}})`, 'bytes'),
            column(
              'Certificate',
              `min by (source_cluster) (fleetglass_fleet_certificate_not_after_seconds{${CHOSEN_SOURCES}} - time())`,
              's',
            ),
          ],
        }),
      ],
    },
    {
      title: 'Telemetry',
      panels: [
        timeSeries({
          title: 'Items taken in, by cluster',
          width: 12,
          unit: 'cps',
          needs: 'hub',
          targets: [
            overTime(
              `sum by (source_cluster) (rate(fleetglass_fleet_accepted_items_total{${CHOSEN_SOURCES}}[$__rate_interval]))`,
              '{{source_cluster}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Items taken in, by signal',
          width: 12,
          unit: 'cps',
          needs: 'hub',
          targets: [
            overTime(
              `sum by (signal) (rate(fleetglass_fleet_accepted_items_total{${CHOSEN_SOURCES}}[$__rate_interval]))`,
              '{{signal}}',
            ),
          ],
        }),
        timeSeries({
          title: 'From collected to queryable, 99th percentile',
          width: 12,
          unit: 's',
          needs: 'hub',
          targets: [
            overTime(
              'histogram_quantile(0.99, sum by (signal, le) (rate(fleetglass_store_lag_seconds_bucket[$__rate_interval])))',
              '{{signal}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Waiting on the edges',
          width: 12,
          unit: 'bytes',
          needs: 'hub',
          targets: [
            overTime(
              `sum by (source_cluster) (fleetglass_fleet_edge_queue_bytes{${CHOSEN_SOURCES}})`,
              '{{source_cluster}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Rejected, by reason',
          width: 12,
          unit: 'cps',
          needs: 'hub',
          targets: [
            overTime(
              `sum by (source_cluster, reason) (rate(fleetglass_fleet_rejected_items_total{${CHOSEN_SOURCES}}[$__rate_interval]))`,
              '{{source_cluster}} {{reason}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Connections and requests refused, labels overwritten',
          width: 12,
          unit: 'cps',
          needs: 'hub',
          targets: [
            overTime(
              'sum by (reason) (rate(fleetglass_fleet_refusals_total[$__rate_interval]))',
              'refused: {{reason}}',
            ),
            overTime(
              `sum by (source_cluster) (rate(fleetglass_fleet_overwritten_items_total{${CHOSEN_SOURCES}}[$__rate_interval]))`,
              'overwritten: {{source_cluster}}',
            ),
          ],
        }),
      ],
    },
  ],
})
