import { countedAtEnd, counted, bars, defineDashboard, logLines, lines, stat, timeSeries } from './kit/index.ts'
import { ALL_LOGS, ERRORS } from './log-queries.ts'

/** How much is logged, where, at which level. */
export const logsOverview = defineDashboard({
  uid: 'fleetglass-logs',
  title: 'Logs Overview',
  description: 'How much is logged by cluster, namespace, service and level.',
  tags: ['logs'],
  sections: [
    {
      panels: [
        stat({
          title: 'Lines',
          width: 6,
          unit: 'cps',
          targets: [countedAtEnd(`sum(rate(${ALL_LOGS}[$window]))`)],
        }),
        stat({
          title: 'Bytes',
          width: 6,
          unit: 'Bps',
          targets: [countedAtEnd(`sum(bytes_rate(${ALL_LOGS}[$window]))`)],
        }),
        stat({
          title: 'Errors',
          width: 6,
          unit: 'cps',
          targets: [countedAtEnd(`sum(rate(${ALL_LOGS} ${ERRORS} [$window]))`)],
        }),
        stat({
          title: 'Services that log',
          width: 6,
          targets: [countedAtEnd(`count(sum by (cluster, service_name) (count_over_time(${ALL_LOGS}[$window])))`)],
        }),
      ],
    },
    {
      title: 'Volume',
      panels: [
        timeSeries({
          title: 'Lines, by level',
          width: 12,
          unit: 'cps',
          stacked: true,
          byLevel: true,
          targets: [counted(`sum by (detected_level) (rate(${ALL_LOGS}[$__auto]))`, '{{detected_level}}')],
        }),
        timeSeries({
          title: 'Lines, by cluster',
          width: 12,
          unit: 'cps',
          stacked: true,
          targets: [counted(`sum by (cluster) (rate(${ALL_LOGS}[$__auto]))`, '{{cluster}}')],
        }),
        bars({
          title: 'Services by bytes',
          width: 12,
          unit: 'Bps',
          targets: [
            countedAtEnd(
              `topk(15, sum by (cluster, service_name) (bytes_rate(${ALL_LOGS}[$window])))`,
              '{{cluster}} {{service_name}}',
            ),
          ],
        }),
        bars({
          title: 'Namespaces by bytes',
          width: 12,
          unit: 'Bps',
          targets: [
            countedAtEnd(
              `topk(15, sum by (cluster, k8s_namespace_name) (bytes_rate(${ALL_LOGS}[$window])))`,
              '{{cluster}} {{k8s_namespace_name}}',
            ),
          ],
        }),
      ],
    },
    {
      title: 'Newest lines',
      panels: [logLines({ title: 'Newest lines', width: 24, targets: [lines(ALL_LOGS, 200)] })],
    },
  ],
})
