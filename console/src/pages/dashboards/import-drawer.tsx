import { type ReactElement, useMemo, useState } from 'react'
import { readDashboard } from '../../grafana/dashboard.ts'
import { downloadText } from '../../data/download.ts'
import { copyText } from '../../data/clipboard.ts'
import { type Diagnosis, examine, type Finding } from '../../grafana/doctor/doctor.ts'
import { examineRules, looksLikeRules, type RulesDiagnosis } from '../../grafana/doctor/rules.ts'
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
          accept="application/json,.json,.yaml,.yml"
          aria-label="File of the dashboard or the rules"
          onChange={(event) => {
            const [file] = event.target.files ?? []
            if (file !== undefined) void file.text().then(setText)
          }}
        />
        <textarea
          className="input import-text"
          aria-label="JSON of the dashboard"
          placeholder="Or paste it here; a file of Prometheus rules is examined, too"
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
        {read.kind === 'rules' ? <RulesVerdict diagnosis={read.diagnosis} /> : null}
        {read.kind === 'dashboard' ? <Verdict read={read} onImport={props.onImport} /> : null}
      </div>
    </Drawer>
  )
}

type ReadText =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wrong'; readonly reason: string }
  | { readonly kind: 'rules'; readonly diagnosis: RulesDiagnosis }
  | {
      readonly kind: 'dashboard'
      readonly title: string
      readonly panels: number
      readonly json: Json
      readonly diagnosis: Diagnosis
    }

function readText(text: string): ReadText {
  if (text.trim() === '') return { kind: 'nothing' }
  if (looksLikeRules(text)) return { kind: 'rules', diagnosis: examineRules(text) }
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
          <Findings findings={findings} />
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

function Findings({ findings }: { readonly findings: readonly Finding[] }): ReactElement {
  return (
    <ul className="findings">
      {findings.map(({ place, before, after }, at) => (
        <li key={at}>
          <span className="label">{place}</span>
          <del className="mono-text">{before}</del>
          <ins className="mono-text">{after}</ins>
        </li>
      ))}
    </ul>
  )
}

/** Rules are not kept here: what is mended goes back to where they come from. */
function RulesVerdict({ diagnosis }: { readonly diagnosis: RulesDiagnosis }): ReactElement {
  const { rules, findings, mended } = diagnosis
  if (findings.length === 0) return <p className="text-2">All of {rules} rules say which clusters they are about.</p>
  return (
    <>
      <p>
        {findings.length} of {rules} rules mix all clusters, because they say nothing of them. Mended, they read:
      </p>
      <Findings findings={findings} />
      <div className="state-actions">
        <button
          type="button"
          className="button button-primary"
          onClick={() => downloadText('rules.yaml', 'application/yaml', [mended])}
        >
          Download the mended rules
        </button>
        <button type="button" className="button" onClick={() => void copyText(mended)}>
          Copy
        </button>
      </div>
    </>
  )
}
