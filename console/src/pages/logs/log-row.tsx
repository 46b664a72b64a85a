import { Link } from '@tanstack/react-router'
import { memo, type ReactElement } from 'react'
import { type LogEntry, traceOf } from '../../data/loki/entry.ts'
import { markNeedles, showControls, splitBody } from '../../format/log-body.ts'
import { toMoment, type Zone } from '../../format/zone.ts'
import { Icon } from '../../parts/icon.tsx'

export interface LogRowProps {
  readonly entry: LogEntry
  readonly columns: readonly string[]
  readonly zone: Zone
  readonly nowMs: number
  readonly needles: readonly string[]
  readonly isSelected: boolean
  readonly onToggle: (entry: LogEntry) => void
}

/** One line. What telemetry says is text and nothing else. */
export const LogRow = memo(function LogRow(props: LogRowProps): ReactElement {
  const { entry } = props
  return (
    <div
      className={`log-row level-${entry.level} ${props.isSelected ? 'selected' : ''}`}
      onClick={(event) => {
        // Text that was selected is about to be copied.
        if (window.getSelection()?.toString() === '' && !isOnLink(event.target)) props.onToggle(entry)
      }}
    >
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
      {props.columns.map((column) => (
        <span key={column} role="gridcell" className="log-extra cut">
          {showControls(entry.fields[column] ?? entry.stream[column] ?? '')}
        </span>
      ))}
      <span role="gridcell" className="log-body">
        <LogBody line={entry.line} needles={props.needles} />
      </span>
      <TraceLink entry={entry} />
    </div>
  )
})

function isOnLink(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a') !== null
}

/** The trace of a line with one click, its span chosen. */
function TraceLink({ entry }: { readonly entry: LogEntry }): ReactElement | null {
  const trace = traceOf(entry)
  if (trace === undefined) return null
  return (
    <span role="gridcell" className="log-trace">
      <Link
        to="/explore/traces/$traceId"
        params={{ traceId: trace.traceId }}
        search={trace.spanId === undefined ? {} : { span: trace.spanId }}
        aria-label={`Trace ${trace.traceId.slice(0, 8)}`}
        title="Open its trace"
      >
        <Icon name="traces" size={12} />
      </Link>
    </span>
  )
}

export function LogBody({
  line,
  needles,
}: {
  readonly line: string
  readonly needles: readonly string[]
}): ReactElement {
  return (
    <>
      {splitBody(line).map(({ text, kind }, index) => (
        <span key={index} className={kind === 'key' ? 'log-key' : kind === 'value' ? 'log-value' : ''}>
          {markNeedles(showControls(text), needles).map((part, at) =>
            part.isMatch ? <mark key={at}>{part.text}</mark> : part.text,
          )}
        </span>
      ))}
    </>
  )
}
