import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { copyText } from '../../data/clipboard.ts'
import { queryLogs } from '../../data/loki/client.ts'
import { type LogEntry, mergeEntries, traceOf } from '../../data/loki/entry.ts'
import { useView } from '../../data/view.tsx'
import { showControls } from '../../format/log-body.ts'
import { toMoment } from '../../format/zone.ts'
import { Icon } from '../../parts/icon.tsx'
import { LogBody } from './log-row.tsx'
import { addNs } from './use-logs.ts'

const CONTEXT_LINES = 20
const CONTEXT_NS = 3_600_000_000_000n

export interface LogDetailsProps {
  readonly entry: LogEntry
  readonly columns: readonly string[]
  readonly needles: readonly string[]
  readonly hasContext: boolean
  readonly onContext: (entry: LogEntry) => void
  readonly onFilter: (field: string, value: string, operator: '=' | '!=', isStream: boolean) => void
  readonly onColumn: (field: string) => void
}

/** What is known of a line: its fields, each of which can become a filter or a column; its trace; its neighbours. */
export function LogDetails(props: LogDetailsProps): ReactElement {
  const { entry } = props
  const trace = traceOf(entry)
  const fields = [
    ...Object.entries(entry.fields).map(([name, value]) => ({ name, value, isStream: false })),
    ...Object.entries(entry.stream).map(([name, value]) => ({ name, value, isStream: true })),
  ]
  return (
    <div className="log-details">
      <div className="log-actions">
        {trace === undefined ? null : (
          <Link
            className="button button-primary button-small"
            to="/explore/traces/$traceId"
            params={{ traceId: trace.traceId }}
            search={trace.spanId === undefined ? {} : { span: trace.spanId }}
          >
            <Icon name="traces" /> Open trace
          </Link>
        )}
        <button
          type="button"
          className="button button-small"
          aria-pressed={props.hasContext}
          onClick={() => props.onContext(entry)}
        >
          Context ±{CONTEXT_LINES}
        </button>
        <span className="grow" />
        <button type="button" className="button button-small button-ghost" onClick={() => void copyText(entry.line)}>
          <Icon name="copy" /> Copy line
        </button>
        <button
          type="button"
          className="button button-small button-ghost"
          onClick={() => void copyText(JSON.stringify(entryJson(entry)))}
        >
          <Icon name="copy" /> Copy JSON
        </button>
      </div>
      {props.hasContext ? <LogContext {...props} /> : null}
      <pre className="log-whole">{showControls(entry.line)}</pre>
      <table className="log-fields">
        <tbody>
          {fields.map(({ name, value, isStream }) => (
            <tr key={`${name}${isStream ? '' : '.'}`}>
              <td className="log-field-actions">
                <button
                  type="button"
                  aria-label={`Only ${name} = ${value}`}
                  title="Only this value"
                  onClick={() => props.onFilter(name, value, '=', isStream)}
                >
                  <Icon name="plus" size={12} />
                </button>
                <button
                  type="button"
                  aria-label={`Without ${name} = ${value}`}
                  title="Without this value"
                  onClick={() => props.onFilter(name, value, '!=', isStream)}
                >
                  <Icon name="minus" size={12} />
                </button>
                <button
                  type="button"
                  aria-label={`Column ${name}`}
                  aria-pressed={props.columns.includes(name)}
                  title="As a column"
                  onClick={() => props.onColumn(name)}
                >
                  <Icon name="column" size={12} />
                </button>
              </td>
              <th scope="row">{showControls(name)}</th>
              <td className="log-field-value">{showControls(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The lines of the same stream around one. */
function LogContext({ entry, needles }: LogDetailsProps): ReactElement {
  const { tenant, nowMs, zone } = useView()
  const query = `{${Object.entries(entry.stream)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')}}`
  const context = useQuery({
    queryKey: ['loki', 'context', query, entry.ns, tenant],
    queryFn: async ({ signal }) => {
      const caller = { signal, tenant }
      const limit = CONTEXT_LINES + 1
      const [before, after] = await Promise.all([
        queryLogs(
          { query, fromNs: addNs(entry.ns, -CONTEXT_NS), toNs: addNs(entry.ns, 1n), direction: 'backward', limit },
          caller,
        ),
        queryLogs({ query, fromNs: entry.ns, toNs: addNs(entry.ns, CONTEXT_NS), direction: 'forward', limit }, caller),
      ])
      return mergeEntries([before.entries, after.entries, [entry]], true)
    },
  })
  if (context.isPending) return <p className="text-3 log-context-note">loading the lines around it</p>
  if (context.isError) return <p className="status-silent log-context-note">{context.error.message}</p>
  return (
    <ol className="log-context" aria-label="Lines around it">
      {context.data.map((one) => (
        <li key={one.key} className={`level-${one.level} ${one.key === entry.key ? 'log-context-own' : ''}`}>
          <span className="log-time">{toMoment(one.ms, nowMs, zone, 'ms')}</span>
          <span className="log-body">
            <LogBody line={one.line} needles={needles} />
          </span>
        </li>
      ))}
    </ol>
  )
}

export function entryJson(entry: LogEntry): Readonly<Record<string, unknown>> {
  return { time: entry.ns, level: entry.level, line: entry.line, stream: entry.stream, fields: entry.fields }
}
