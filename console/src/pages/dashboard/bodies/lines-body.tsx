import type { ReactElement } from 'react'
import type { LogEntry } from '../../../data/loki/entry.ts'
import { toMoment, type Zone } from '../../../format/zone.ts'
import { showControls } from '../../../format/log-body.ts'
import { VirtualRows } from '../../../parts/virtual-rows.tsx'
import '../../../styles/logs.css'

const ROW_PX = 20

/** Log lines of a panel, the newest first; Explore has everything else that one does with lines. */
export function LinesBody(props: {
  readonly entries: readonly LogEntry[]
  readonly zone: Zone
  readonly nowMs: number
}): ReactElement {
  const { entries } = props
  return (
    <VirtualRows
      label="Log lines"
      className="log-rows"
      count={entries.length}
      rowHeight={ROW_PX}
      keyOf={(index) => index}
      mayDiffer={() => false}
      layout="panel"
      columns={5}
      render={(index) => {
        const entry = entries[index]
        if (entry === undefined) return null
        return (
          <div className={`log-row level-${entry.level}`}>
            <i className="log-edge" />
            <span role="gridcell" className="log-time">
              {toMoment(entry.ms, props.nowMs, props.zone, 'ms')}
            </span>
            <span role="gridcell" className="log-level">
              {entry.level}
            </span>
            <span role="gridcell" className="log-cluster cut" title={entry.stream['cluster']}>
              {entry.stream['cluster'] ?? ''}
            </span>
            <span role="gridcell" className="log-service cut" title={entry.stream['service_name']}>
              {entry.stream['service_name'] ?? ''}
            </span>
            <span role="gridcell" className="log-body">
              {showControls(entry.line)}
            </span>
          </div>
        )
      }}
    />
  )
}
