import { useMemo } from 'react'
import { useRememberedList } from '../../data/remembered.ts'
import { isJson, type Json, textAt } from '../../grafana/json.ts'

/** Imported dashboards are kept in this browser; their addresses say so. */
const PREFIX = 'imported-'
const MOST = 20

export function isImported(uid: string): boolean {
  return uid.startsWith(PREFIX)
}

export interface ImportedDashboards {
  readonly list: readonly { readonly uid: string; readonly json: Json }[]
  /** The uid under which it is now; one of the same title is replaced. */
  readonly add: (json: Json) => string
}

export function useImportedDashboards(): ImportedDashboards {
  const { list, add } = useRememberedList('dashboards', MOST)
  return {
    list: useMemo(() => readAll(list), [list]),
    add: (json) => {
      add(JSON.stringify(json))
      return uidOf(json)
    },
  }
}

export function useImported(uid: string): Json | undefined {
  return useImportedDashboards().list.find((one) => one.uid === uid)?.json
}

function readAll(texts: readonly string[]): ImportedDashboards['list'] {
  const byUid = new Map<string, Json>()
  for (const text of texts) {
    const json: unknown = JSON.parse(text)
    // The newest of a title stands first.
    if (isJson(json) && !byUid.has(uidOf(json))) byUid.set(uidOf(json), json)
  }
  return [...byUid].map(([uid, json]) => ({ uid, json }))
}

function uidOf(json: Json): string {
  const title = (textAt(json, 'title') ?? '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return `${PREFIX}${title.replaceAll(/^-|-$/g, '') || 'untitled'}`
}
