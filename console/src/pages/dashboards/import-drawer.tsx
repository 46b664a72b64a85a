import { type ReactElement, useMemo, useState } from 'react'
import { readDashboard } from '../../grafana/dashboard.ts'
import { type Diagnosis, examine } from '../../grafana/doctor/doctor.ts'
import type { Json } from '../../grafana/json.ts'
import { Drawer } from '../../parts/drawer.tsx'

/** Reads a dashboard from a file or from pasted text, and shows what the doctor would mend before it is kept. */
export function ImportDrawer(props: {
  readonly onClose: () => void
  readonly onImport: (json: Json) => void
  readonly mayKeep: boolean
  /** Why the hub did not take it. */
  readonly failure: string | undefined
}): ReactElement {
  const [text, setText] = useState('')
  const read = useMemo(() => readText(text), [text])
  return (
    <Drawer label="Import a dashboard" head={<h2>Import a dashboard</h2>} onClose={props.onClose}>
      <div className="drawer-body">
        <p className="text-2">
          Grafana's JSON, of any version: exported, shared, or downloaded. It is kept in the hub, for your team.
        </p>
        <input
          type="file"
          accept="application/json,.json"
          aria-label="File of the dashboard"
          onChange={(event) => {
            const [file] = event.target.files ?? []
            if (file !== undefined) void file.text().then(setText)
          }}
        />
        <textarea
          className="input import-text"
          aria-label="JSON of the dashboard"
          placeholder="Or paste it here"
          value={text}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        {props.mayKeep ? null : (
          <p className="note note-degraded" role="status">
            Dashboards are kept by editors and admins of whole tenants: a team's role stands in the fleet file.
          </p>
        )}
        {props.failure === undefined ? null : (
          <p className="note note-degraded" role="alert">
            {props.failure}
          </p>
        )}
        {read.kind === 'wrong' ? (
          <p className="note note-degraded" role="alert">
            {read.reason}
          </p>
        ) : null}
        {read.kind === 'dashboard' ? <Verdict read={read} onImport={props.onImport} /> : null}
      </div>
    </Drawer>
  )
}

type ReadText =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wrong'; readonly reason: string }
  | {
      readonly kind: 'dashboard'
      readonly title: string
      readonly panels: number
      readonly json: Json
      readonly diagnosis: Diagnosis
    }

function readText(text: string): ReadText {
  if (text.trim() === '') return { kind: 'nothing' }
  try {
    const { title, rows, json } = readDashboard(JSON.parse(text))
    const panels = rows.reduce((sum, row) => sum + row.panels.length, 0)
    return { kind: 'dashboard', title, panels, json, diagnosis: examine(json) }
  } catch (reason) {
    return { kind: 'wrong', reason: reason instanceof Error ? reason.message : String(reason) }
  }
}

function Verdict(props: {
  readonly read: Extract<ReadText, { readonly kind: 'dashboard' }>
  readonly onImport: (json: Json) => void
}): ReactElement {
  const { title, panels, json, diagnosis } = props.read
  const { findings, hasVariable, mended } = diagnosis
  return (
    <>
      <p>
        <b>{title}</b> <span className="text-2">{panels} panels</span>
      </p>
      {findings.length === 0 ? (
        <p className="text-2">Every query says which clusters it is about.</p>
      ) : (
        <>
          <p>
            {findings.length} queries mix all clusters, because they say nothing of them.
            {hasVariable ? '' : ' There is no variable for clusters either.'} Mended, they read:
          </p>
          <ul className="findings">
            {findings.map(({ place, before, after }, at) => (
              <li key={at}>
                <span className="label">{place}</span>
                <del className="mono-text">{before}</del>
                <ins className="mono-text">{after}</ins>
              </li>
            ))}
          </ul>
        </>
      )}
      <div className="state-actions">
        {findings.length === 0 ? null : (
          <button type="button" className="button button-primary" onClick={() => props.onImport(mended)}>
            Import mended
          </button>
        )}
        <button
          type="button"
          className={findings.length === 0 ? 'button button-primary' : 'button'}
          onClick={() => props.onImport(json)}
        >
          {findings.length === 0 ? 'Import' : 'Import as it is'}
        </button>
      </div>
    </>
  )
}
