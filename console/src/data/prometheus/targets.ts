import '../no-eval.ts'
import { z } from 'zod'
import { ask, check } from '../ask.ts'
import type { Caller } from './client.ts'

const targetsSchema = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({
        labels: z.record(z.string(), z.string()),
        scrapePool: z.string(),
        health: z.string(),
        lastScrapeDuration: z.number(),
        scrapeInterval: z.string(),
      }),
    ),
  }),
})

export interface Job {
  readonly job: string
  readonly up: number
  readonly total: number
  readonly every: string
  readonly slowestS: number
}

/** What the edges of a cluster scrape, job by job. */
export async function fetchJobs(cluster: string, caller: Caller): Promise<readonly Job[]> {
  const { body } = await ask({ path: '/prometheus/api/v1/targets', params: { state: 'active' }, ...caller })
  const jobs = new Map<string, Job>()
  for (const target of check(targetsSchema, body).data.activeTargets) {
    if (target.labels['cluster'] !== cluster) continue
    const before = jobs.get(target.scrapePool)
    jobs.set(target.scrapePool, {
      job: target.scrapePool,
      up: (before?.up ?? 0) + Number(target.health === 'up'),
      total: (before?.total ?? 0) + 1,
      every: target.scrapeInterval,
      slowestS: Math.max(before?.slowestS ?? 0, target.lastScrapeDuration),
    })
  }
  return [...jobs.values()].sort((a, b) => a.job.localeCompare(b.job))
}
