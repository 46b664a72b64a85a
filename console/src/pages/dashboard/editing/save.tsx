import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { saveDashboard } from '../../../data/dashboards-client.ts'
import { newUid } from '../../../grafana/edit/uid.ts'
import { Drawer } from '../../../parts/drawer.tsx'
import { TextField } from './fields.tsx'
import type { Draft } from './use-draft.ts'

/** What the hub lets the reader do with a dashboard. */
export interface Rights {
  /** Undefined for those that come with Fleetglass. */
  readonly version: number | undefined
  readonly mayEdit: boolean
  readonly mayKeep: boolean
}

/** What the toolbar has while the dashboard is edited. */
export function EditTools(props: {
  readonly draft: Draft
  readonly onAddPanel: () => void
  readonly onAddRow: () => void
  readonly onSettings: () => void
  readonly onSave: () => void
  readonly onEnd: () => void
}): ReactElement {
  const { draft } = props
  return (
    <>
      <button type="button" className="button button-ghost" onClick={props.onAddPanel}>
        Add a panel
      </button>
      <button type="button" className="button button-ghost" onClick={props.onAddRow}>
        Add a row
      </button>
      <button type="button" className="button button-ghost" onClick={props.onSettings}>
        Settings
      </button>
      <button type="button" className="button button-ghost" disabled={!draft.canUndo} onClick={draft.undo}>
        Undo
      </button>
      <button type="button" className="button" onClick={props.onEnd}>
        {draft.isChanged ? 'Discard' : 'End editing'}
      </button>
      <button type="button" className="button button-primary" onClick={props.onSave}>
        Save
      </button>
    </>
  )
}

/** Saves what was changed, or a copy of it. */
export function SaveDrawer(props: {
  readonly uid: string
  readonly draft: Draft
  readonly rights: Rights
  readonly onClose: () => void
}): ReactElement {
  const { draft, rights } = props
  const { title, json } = draft.dashboard
  const [copyTitle, setCopyTitle] = useState(rights.mayEdit ? title : `${title} (copy)`)
  const [isCopy, setCopy] = useState(!rights.mayEdit)
  const client = useQueryClient()
  const navigate = useNavigate()
  const save = useMutation({
    mutationFn: async () => {
      const { signal } = new AbortController()
      const uid = isCopy ? newUid(copyTitle) : props.uid
      const dashboard = isCopy ? { ...json, title: copyTitle } : json
      const version = isCopy ? undefined : rights.version
      return await saveDashboard(uid, { dashboard, ...(version === undefined ? {} : { version }) }, signal)
    },
    onSuccess: async ({ uid }) => {
      await client.invalidateQueries({ queryKey: ['dashboards'] })
      await client.invalidateQueries({ queryKey: ['dashboard', 'document', uid] })
      props.onClose()
      if (uid !== props.uid) await navigate({ to: '/dashboards/$uid', params: { uid }, search: {} })
    },
  })
  return (
    <Drawer label="Save the dashboard" head={<h2>Save</h2>} onClose={props.onClose}>
      <div className="drawer-body">
        {!rights.mayKeep ? (
          <p className="note note-degraded" role="status">
            Dashboards are kept by editors and admins of whole tenants: a team's role stands in the fleet file. Export
            JSON gives you what you made.
          </p>
        ) : rights.mayEdit ? (
          <p className="text-2">Everybody who may see this dashboard gets the change.</p>
        ) : (
          <p className="text-2">This dashboard cannot be changed here. A copy is yours and your team's.</p>
        )}
        {isCopy ? <TextField label="Title" value={copyTitle} onChange={setCopyTitle} /> : null}
        {save.error === null ? null : (
          <p className="note note-degraded" role="alert">
            {save.error.message}
          </p>
        )}
        <div className="state-actions">
          <button
            type="button"
            className="button button-primary"
            disabled={!rights.mayKeep || save.isPending || (isCopy && copyTitle.trim() === '')}
            onClick={() => save.mutate()}
          >
            {isCopy ? 'Save the copy' : 'Save the dashboard'}
          </button>
          {rights.mayEdit ? (
            <button type="button" className="button" onClick={() => setCopy(!isCopy)}>
              {isCopy ? 'Save the dashboard itself' : 'Save as a copy'}
            </button>
          ) : null}
        </div>
      </div>
    </Drawer>
  )
}
