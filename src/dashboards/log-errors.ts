import {
  bars,
  CHOSEN,
  counted,
  countedAtEnd,
  defineDashboard,
  labelVariable,
  logLines,
  lines,
  timeSeries,
} from './kit/index.ts'
import { ERRORS } from './log-queries.ts'

const SERVICE = `{${CHOSEN}, service_name=~"$service"}`

/** Which services log errors, since when, and what they say. */
export const logErrors = defineDashboard({
  uid: 'fleetglass-log-errors',
  title: 'Log Errors',
  description: 'Errors in logs by cluster and service, and their lines.',
  tags: ['logs'],
  variables: [labelVariable('service', 'Service', 'service_name', `service_name!="", ${CHOSEN}`)],
  sections: [
    {
      panels: [
        timeSeries({
          title: 'Errors, by cluster and service',
          width: 24,
          unit: 'cps',
          targets: [
            counted(
              `sum by (cluster, service_name) (rate(${SERVICE} ${ERRORS} [$__auto]))`,
              '{{cluster}} {{service_name}}',
            ),
          ],
        }),
        bars({
          title: 'Services by errors',
          width: 12,
          unit: 'cps',
          targets: [
            countedAtEnd(
              `topk(15, sum by (cluster, service_name) (rate(${SERVICE} ${ERRORS} [$window])))`,
              '{{cluster}} {{service_name}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Share of lines that are errors',
          width: 12,
          unit: 'percentunit',
          min: 0,
          targets: [
            counted(
              `sum by (cluster) (rate(${SERVICE} ${ERRORS} [$__auto])) / sum by (cluster) (rate(${SERVICE}[$__auto]))`,
              '{{cluster}}',
            ),
          ],
        }),
        logLines({ title: 'Lines', width: 24, height: 16, targets: [lines(`${SERVICE} ${ERRORS}`)] }),
      ],
    },
  ],
})
