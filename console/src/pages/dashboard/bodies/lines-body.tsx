import type { ReactElement } from 'react'
import type { LogEntry } from '../../../data/loki/entry.ts'
import type { Zone } from '../../../format/zone.ts'
import { VirtualRows } from '../../../parts/virtual-rows.tsx'
import { LogRow } from '../../logs/log-row.tsx'
import '../../../styles/logs.css'

const ROW_PX = 20
const NONE: readonly string[] = []
const toggleNothing = (): void => undefined

/** Log lines of a panel, the newest first; Explore has everything else that one does with lines. */
export function LinesBody(props: {
  readonly entries: readonly LogEntry[]
  readonly zone: Zone
  readonly nowMs: number
}): ReactElement {
  const { entries, zone, nowMs } = props
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
        return entry === undefined ? null : (
          <LogRow
            entry={entry}
            columns={NONE}
            zone={zone}
            nowMs={nowMs}
            needles={NONE}
            isSelected={false}
            onToggle={toggleNothing}
          />
        )
      }}
    />
  )
}
