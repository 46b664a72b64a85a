import { type ReactElement, useState } from 'react'
import { copyText } from '../../data/clipboard.ts'
import { downloadText } from '../../data/download.ts'
import { displayNameOf, lengthOf } from '../../grafana/frame.ts'
import { toCsv } from '../../grafana/csv.ts'
import { Segmented } from '../../parts/controls.tsx'
import { Drawer } from '../../parts/drawer.tsx'
import type { InspectSubject } from './panel-cell.tsx'

type Tab = 'data' | 'query' | 'answer' | 'panel'
/** More than this is for a file, not for a page. */
const SHOWN = 60_000
const ROWS = 50

/** What a panel asks, what came, and how the dashboard describes it. */
export function InspectPanel({
  subject,
  onClose,
}: {
  readonly subject: InspectSubject
  readonly onClose: () => void
}): ReactElement {
  const { title, placed, question, data } = subject
  const [tab, setTab] = useState<Tab>('data')
  const text =
    tab === 'query'
      ? JSON.stringify(question.questions, null, 2)
      : tab === 'answer'
        ? JSON.stringify(data?.raw ?? {}, null, 2)
        : JSON.stringify(placed.panel.json, null, 2)
  return (
    <Drawer
      label={`Inspect ${title}`}
      head={<h2 className="cut">{title === '' ? 'Panel' : title}</h2>}
      onClose={onClose}
    >
      <div className="drawer-body">
        <Segmented
          label="What is shown"
          value={tab}
          options={[
            { value: 'data', face: 'Data' },
            { value: 'query', face: 'Queries' },
            { value: 'answer', face: 'Answer' },
            { value: 'panel', face: 'Panel' },
          ]}
          onChange={setTab}
        />
        {tab === 'data' ? (
          <Frames subject={subject} />
        ) : (
          <>
            <span className="state-actions">
              <button type="button" className="button button-small" onClick={() => void copyText(text)}>
                Copy
              </button>
              <button
                type="button"
                className="button button-small"
                onClick={() => downloadText(`${tab}.json`, 'application/json', [text])}
              >
                Download JSON
              </button>
              {text.length > SHOWN ? <span className="text-3">The beginning is shown.</span> : null}
            </span>
            <pre className="raw" tabIndex={0}>
              {text.slice(0, SHOWN)}
            </pre>
          </>
        )}
      </div>
    </Drawer>
  )
}

function Frames({ subject: { title, data } }: { readonly subject: InspectSubject }): ReactElement {
  const frames = data?.frames ?? []
  if (frames.length === 0) return <p className="text-2">There is no data, or none that is a table.</p>
  const rows = frames.reduce((sum, frame) => sum + lengthOf(frame), 0)
  return (
    <>
      <span className="state-actions">
        <button
          type="button"
          className="button button-small"
          onClick={() => downloadText(`${title === '' ? 'panel' : title}.csv`, 'text/csv', [toCsv(frames)])}
        >
          Download CSV
        </button>
        <span className="text-3">
          {frames.length} frames, {rows} rows
        </span>
      </span>
      {frames.slice(0, 10).map((frame, at) => (
        <div key={at} className="table-scroll-both inspect-frame">
          <table className="table">
            <thead>
              <tr>
                {frame.fields.map((field, column) => (
                  <th key={column} scope="col">
                    {displayNameOf(field)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {Array.from({ length: Math.min(ROWS, lengthOf(frame)) }, (_, row) => (
                <tr key={row}>
                  {frame.fields.map((field, column) => (
                    <td key={column}>
                      {field.type === 'time'
                        ? new Date(Number(field.values[row])).toISOString()
                        : String(field.values[row] ?? '')}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ))}
    </>
  )
}
