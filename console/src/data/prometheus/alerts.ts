import '../no-eval.ts'
import { z } from 'zod'
import { ask, check } from '../ask.ts'
import type { Caller } from './client.ts'

const alertsSchema = z.object({
  data: z.object({
    alerts: z.array(
      z.object({
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()).optional(),
        state: z.string(),
        activeAt: z.string().optional(),
      }),
    ),
  }),
})

/** An alert that is pending or firing. */
export interface FiringAlert {
  readonly name: string
  readonly state: string
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string
  readonly sinceMs: number
}

export async function fetchAlerts(caller: Caller): Promise<readonly FiringAlert[]> {
  const { body } = await ask({ path: '/prometheus/api/v1/alerts', ...caller })
  return check(alertsSchema, body).data.alerts.map(({ labels, annotations = {}, state, activeAt }) => ({
    name: labels['alertname'] ?? '',
    state,
    labels,
    summary: annotations['summary'] ?? annotations['description'] ?? '',
    sinceMs: activeAt === undefined ? Number.NaN : Date.parse(activeAt),
  }))
}
