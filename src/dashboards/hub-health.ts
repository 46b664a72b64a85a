import { atEnd, CHOSEN_SOURCES, column, defineDashboard, overTime, stat, table, timeSeries } from './kit/index.ts'

const rate = (by: string, metric: string): string => `sum by (${by}) (rate(${metric}[$__rate_interval]))`

/** The hub itself: what comes in, what waits, what was stored, where it went on to. */
export const hubHealth = defineDashboard({
  uid: 'fleetglass-hub',
  title: 'Hub Health',
  description: 'Ingest, durable log, store, ledger, engine, queries and destinations of the hub.',
  tags: ['fleet'],
  sections: [
    {
      panels: [
        stat({
          title: 'Engine',
          width: 4,
          needs: 'hub',
          words: { '0': { text: 'down', color: 'red' }, '1': { text: 'up' } },
          targets: [atEnd('min(fleetglass_engine_up)')],
        }),
        stat({
          title: 'Items taken in',
          width: 4,
          unit: 'cps',
          needs: 'hub',
          targets: [atEnd('sum(rate(fleetglass_fleet_accepted_items_total[$window]))')],
        }),
        stat({
          title: 'Ledger difference',
          width: 4,
          needs: 'hub',
          thresholds: [[1, 'red']],
          targets: [atEnd('sum(abs(fleetglass_ledger_difference_items))')],
        }),
        stat({
          title: 'Dead letters',
          width: 4,
          needs: 'hub',
          thresholds: [[1, 'orange']],
          targets: [atEnd('sum(fleetglass_dead_letters) or vector(0)')],
        }),
        stat({
          title: 'Short of room',
          description: 'Whether requests are refused because memory or disk runs short.',
          width: 4,
          needs: 'hub',
          words: { '0': { text: 'no' }, '1': { text: 'yes', color: 'red' } },
          targets: [atEnd('max(fleetglass_ingest_short_of_room)')],
        }),
        stat({
          title: 'Log in use',
          width: 4,
          unit: 'percentunit',
          needs: 'hub',
          thresholds: [
            [0.7, 'orange'],
            [0.9, 'red'],
          ],
          targets: [
            atEnd(
              'max(fleetglass_log_bytes and on (instance) fleetglass_engine_up) / max(fleetglass_log_limit_bytes and on (instance) fleetglass_engine_up)',
            ),
          ],
        }),
      ],
    },
    {
      title: 'Ingest',
      panels: [
        timeSeries({
          title: 'Taken in, by cluster',
          width: 12,
          unit: 'cps',
          needs: 'hub',
          targets: [
            overTime(
              rate('source_cluster', `fleetglass_fleet_accepted_items_total{${CHOSEN_SOURCES}}`),
              '{{source_cluster}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Requests over HTTP, by how they ended',
          width: 12,
          unit: 'reqps',
          needs: 'hub',
          targets: [overTime(rate('receiver, code', 'fleetglass_ingest_http_requests_total'), '{{receiver}} {{code}}')],
        }),
        timeSeries({
          title: 'Memory kept for requests under way',
          width: 12,
          unit: 'bytes',
          needs: 'hub',
          targets: [overTime('sum(fleetglass_ingest_in_flight_bytes)', 'in flight')],
        }),
        timeSeries({
          title: 'Time to write and sync the durable log',
          width: 12,
          unit: 's',
          needs: 'hub',
          targets: [0.5, 0.99].map((quantile) =>
            overTime(
              `histogram_quantile(${String(quantile)}, sum by (job, le) (rate(fleetglass_log_sync_seconds_bucket[$__rate_interval])))`,
              `{{job}} p${String(quantile * 100)}`,
            ),
          ),
        }),
      ],
    },
    {
      title: 'Store',
      panels: [
        timeSeries({
          title: 'Rows inserted, by table',
          width: 12,
          unit: 'cps',
          needs: 'hub',
          targets: [overTime(rate('table', 'fleetglass_store_rows_total'), '{{table}}')],
        }),
        timeSeries({
          title: 'From collected to queryable',
          width: 12,
          unit: 's',
          needs: 'hub',
          targets: [0.5, 0.99].map((quantile) =>
            overTime(
              `histogram_quantile(${String(quantile)}, sum by (signal, le) (rate(fleetglass_store_lag_seconds_bucket[$__rate_interval])))`,
              `{{signal}} p${String(quantile * 100)}`,
            ),
          ),
        }),
        timeSeries({
          title: 'Time of a flush, by stage',
          width: 12,
          unit: 's',
          needs: 'hub',
          targets: [
            overTime(
              'histogram_quantile(0.95, sum by (stage, le) (rate(fleetglass_store_flush_seconds_bucket[$__rate_interval])))',
              '{{stage}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Failed inserts, restarts of the engine',
          width: 12,
          unit: 'short',
          needs: 'hub',
          targets: [
            overTime(
              'sum by (code) (increase(fleetglass_store_insert_failures_total[$__rate_interval]))',
              'insert: {{code}}',
            ),
            overTime('sum(increase(fleetglass_engine_restarts_total[$__rate_interval]))', 'engine restarted'),
          ],
        }),
      ],
    },
    {
      title: 'Destinations',
      panels: [
        table({
          title: 'Destinations',
          width: 12,
          needs: 'hub',
          columns: [
            column('Items', 'sum by (destination, signal) (rate(fleetglass_destination_items_total[$window]))', 'cps'),
            column('Lag', 'max by (destination, signal) (fleetglass_destination_lag_seconds)', 's'),
            column('Queue', 'sum by (destination, signal) (fleetglass_destination_queue_bytes)', 'bytes'),
            column('Dead letters', 'sum by (destination, signal) (fleetglass_destination_dead_letter_items_total)'),
          ],
        }),
        timeSeries({
          title: 'Requests to destinations, by what the answer meant',
          width: 12,
          unit: 'reqps',
          needs: 'hub',
          targets: [
            overTime(
              rate('destination, outcome', 'fleetglass_destination_requests_total'),
              '{{destination}} {{outcome}}',
            ),
          ],
        }),
      ],
    },
    {
      title: 'Queries and process',
      panels: [
        timeSeries({
          title: 'Time to answer, 95th percentile, by route',
          width: 12,
          unit: 's',
          needs: 'hub',
          targets: [
            overTime(
              'topk(10, histogram_quantile(0.95, sum by (route, le) (rate(fleetglass_http_request_duration_seconds_bucket[$__rate_interval]))))',
              '{{route}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Queries',
          width: 12,
          needs: 'hub',
          targets: [
            overTime('sum(fleetglass_query_running)', 'running'),
            overTime('sum(fleetglass_query_waiting)', 'waiting'),
            overTime('sum(increase(fleetglass_query_refused_total[$__rate_interval]))', 'refused'),
          ],
        }),
        timeSeries({
          title: 'Memory of the process',
          width: 12,
          unit: 'bytes',
          needs: 'hub',
          targets: [overTime('process_resident_memory_bytes and on (instance) fleetglass_engine_up', '{{instance}}')],
        }),
        timeSeries({
          title: 'Delay of the event loop, 99th percentile',
          width: 12,
          unit: 's',
          needs: 'hub',
          targets: [
            overTime('nodejs_eventloop_lag_p99_seconds and on (instance) fleetglass_engine_up', '{{instance}}'),
          ],
        }),
      ],
    },
  ],
})
