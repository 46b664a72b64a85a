import { formatDuration } from '../format.ts'
import { renderTable } from '../table.ts'

/** One thing that was tried. */
export interface Check {
  readonly check: string
  readonly cluster: string
  readonly signal: string
  readonly ok: boolean
  /** From sending to reading it back at the hub. */
  readonly latencyMs?: number
  /** What was seen. */
  readonly detail: string
}

export function renderReport(checks: readonly Check[]): string {
  const failed = checks.filter(({ ok }) => !ok).length
  const table = renderTable(
    [
      { title: 'Check' },
      { title: 'Cluster' },
      { title: 'Signal' },
      { title: 'Result' },
      { title: 'Latency', align: 'right' },
      { title: '' },
    ],
    checks.map((check) => [
      check.check,
      check.cluster,
      check.signal,
      check.ok ? 'ok' : 'FAILED',
      check.latencyMs === undefined ? '' : formatDuration(check.latencyMs),
      check.detail,
    ]),
  )
  const verdict = failed === 0 ? `all ${checks.length} checks passed` : `${failed} of ${checks.length} checks FAILED`
  return `${table}\n${verdict}`
}
