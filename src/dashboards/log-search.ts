import {
  CHOSEN,
  counted,
  defineDashboard,
  labelVariable,
  logLines,
  lines,
  textVariable,
  timeSeries,
} from './kit/index.ts'

const FOUND = `{${CHOSEN}, service_name=~"$service"} |= "$needle" |~ "$expression" | detected_level=~"$level"`

/** A needle in the lines of all clusters. */
export const logSearch = defineDashboard({
  uid: 'fleetglass-log-search',
  title: 'Log Search',
  description: 'Lines of all chosen clusters that contain a text and match an expression.',
  tags: ['logs'],
  variables: [
    labelVariable('service', 'Service', 'service_name', `service_name!="", ${CHOSEN}`),
    textVariable('needle', 'Contains'),
    textVariable('expression', 'Matches'),
    textVariable('level', 'Level', '.*'),
  ],
  sections: [
    {
      panels: [
        timeSeries({
          title: 'Lines found, by level',
          width: 24,
          height: 6,
          unit: 'short',
          stacked: true,
          byLevel: true,
          targets: [counted(`sum by (detected_level) (count_over_time(${FOUND} [$__auto]))`, '{{detected_level}}')],
        }),
        logLines({ title: 'Lines', width: 24, height: 22, targets: [lines(FOUND, 1_000)] }),
      ],
    },
  ],
})
