import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { fetchAlerts, type FiringAlert } from '../../../data/prometheus/alerts.ts'
import { useView } from '../../../data/view.tsx'
import { matchesText } from '../../../grafana/fields/config.ts'
import type { PlacedPanel } from '../../../grafana/layout.ts'
import { flagAt, type Json, numberAt, objectAt, textAt } from '../../../grafana/json.ts'
import { interpolate, regexDialect } from '../../../grafana/variables/interpolate.ts'
import { toAge, toText } from '../../../format/quantity.ts'
import { Empty, Failure, Skeleton } from '../../../parts/states.tsx'

const MOST = 100

/** Alerts of the hub's rules that are pending or firing, as the panel's options choose them. */
export function AlertsBody({
  placed,
  isReady,
}: {
  readonly placed: PlacedPanel
  readonly isReady: boolean
}): ReactElement {
  const { tenant, nowMs } = useView()
  const { data, error, refetch } = useQuery({
    queryKey: ['panel', 'alerts', tenant, nowMs],
    queryFn: ({ signal }) => fetchAlerts({ signal, tenant }),
    enabled: isReady,
    placeholderData: (before) => before,
  })
  if (error !== null) return <Failure reason={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Skeleton label="Loading alerts" rows={4} />
  const shown = data.filter(chooserOf(placed))
  if (shown.length === 0) {
    return data.length === 0 ? (
      <Empty title="No alert is pending or firing">
        Alerts come from rules that the hub evaluates; where it has none, none fire.
      </Empty>
    ) : (
      <Empty title="No alert that this panel chooses">{`${data.length} others are pending or firing.`}</Empty>
    )
  }
  const limit = Math.min(MOST, numberAt(objectAt(placed.panel.json, 'options'), 'maxItems') ?? MOST)
  return (
    <div className="table-scroll-both">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Alert</th>
            <th scope="col">State</th>
            <th scope="col">Where</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {shown.slice(0, limit).map((alert, at) => (
            <tr key={at}>
              <td className="cut" title={alert.summary}>
                {alert.name}
              </td>
              <td className={alert.state === 'firing' ? 'status status-silent' : 'status status-degraded'}>
                {alert.state}
              </td>
              <td className="cut">
                {[alert.labels['cluster'], alert.labels['namespace']].filter(Boolean).join(' / ')}
              </td>
              <td>{toText(toAge(nowMs - alert.sinceMs))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length > limit ? <p className="note note-info">{shown.length - limit} more</p> : null}
    </div>
  )
}

function chooserOf({ panel, variables }: PlacedPanel): (alert: FiringAlert) => boolean {
  const options = objectAt(panel.json, 'options')
  const fill = (key: string): string => interpolate(textAt(options, key) ?? '', variables, regexDialect)
  const name = fill('alertName').toLowerCase()
  const matchers = readMatchers(fill('alertInstanceLabelFilter'))
  const states = objectAt(options, 'stateFilter')
  const shows = (state: string, json: Json): boolean => Object.keys(json).length === 0 || flagAt(json, state) === true
  return ({ name: own, state, labels }) =>
    own.toLowerCase().includes(name) && shows(state, states) && matchers.every((matches) => matches(labels))
}

/** `{cluster=~"a|b", severity!="info"}`. */
function readMatchers(text: string): readonly ((labels: Readonly<Record<string, string>>) => boolean)[] {
  return [...text.matchAll(/([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g)].map(
    ([, label = '', operator, raw = '']) => {
      const wanted = raw.replaceAll(/\\(.)/g, '$1')
      return (labels) => {
        const value = labels[label] ?? ''
        const isMet = operator === '=~' || operator === '!~' ? matchesText(`^(?:${wanted})$`, value) : value === wanted
        return operator?.startsWith('!') === true ? !isMet : isMet
      }
    },
  )
}
