import { useCallback, useMemo, useState } from 'react'
import { type Dashboard, readDashboard } from '../../../grafana/dashboard.ts'
import type { Json } from '../../../grafana/json.ts'

const MOST_UNDO = 100

/** A dashboard that is being changed: every change can be taken back. */
export interface Draft {
  readonly dashboard: Dashboard
  readonly isChanged: boolean
  readonly canUndo: boolean
  /** Refuses what is no dashboard: `NoDashboard`. Changes with one `topic`, one after the other, are one to undo. */
  readonly change: (json: Json, topic?: string) => void
  readonly undo: () => void
  readonly discard: () => void
}

interface Past {
  readonly steps: readonly Json[]
  readonly now: Json
  readonly topic: string | undefined
}

export function useDraft(saved: Dashboard): Draft {
  const [past, setPast] = useState<Past>()
  const json = past?.now ?? saved.json
  const dashboard = useMemo(() => (json === saved.json ? saved : readDashboard(json)), [json, saved])
  const change = useCallback(
    (next: Json, topic?: string) => {
      readDashboard(next)
      setPast((before) => {
        const isSame = topic !== undefined && before?.topic === topic
        const steps = isSame ? before.steps : [...(before?.steps ?? []), before?.now ?? saved.json].slice(-MOST_UNDO)
        return { steps, now: next, topic }
      })
    },
    [saved],
  )
  const undo = useCallback(
    () =>
      setPast((before) => {
        const last = before?.steps.at(-1)
        if (before === undefined || last === undefined) return undefined
        return before.steps.length === 1 ? undefined : { steps: before.steps.slice(0, -1), now: last, topic: undefined }
      }),
    [],
  )
  return {
    dashboard,
    isChanged: past !== undefined,
    canUndo: past !== undefined,
    change,
    undo,
    discard: useCallback(() => setPast(undefined), []),
  }
}
