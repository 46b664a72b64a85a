import { createHash } from 'node:crypto'
import { parseDuration } from '../../../config/index.ts'
import { AppError } from '../../../core/index.ts'
import type { ScrapeJob } from './config.ts'
import { createRelabeler, md5Sum64, type MutableLabels } from './relabel.ts'

/** One address to scrape, after relabeling. */
export interface Target {
  readonly job: ScrapeJob
  /** Without those that begin with two underscores; sorted by name. */
  readonly labels: ReadonlyMap<string, string>
  readonly url: URL
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Equal for targets that carry the same labels and are scraped in the same way, by all settings of their job. */
  readonly key: string
}

/**
 * The targets of a job. Labels of relabeling: `__address__`, `__scheme__`, `__metrics_path__`, `__param_<name>`,
 * `__scrape_interval__`, `__scrape_timeout__`, `job` and those given with the address; `instance` is the address
 * unless set. Two targets that come out alike are one. Throws AppError `invalid` if one comes out unusable, `too_large`
 * if there are more than the job's limit.
 */
export function resolveTargets(job: ScrapeJob): readonly Target[] {
  const relabel = createRelabeler(job.relabel)
  const targets = new Map<string, Target>()
  for (const group of job.targets) {
    for (const address of group.targets) {
      const labels = initialLabels(job, address, group.labels)
      if (!relabel(labels)) continue
      const target = toTarget(job, labels)
      targets.set(target.key, target)
    }
  }
  if (job.targetLimit !== undefined && targets.size > job.targetLimit) {
    const found = `${String(targets.size)} targets, more than ${String(job.targetLimit)}`
    throw new AppError('too_large', `job ${job.job}: ${found}`)
  }
  return [...targets.values()]
}

/** When in each interval the target's turn is, so that all targets together make an even load. */
export function offsetOf(target: Target, seed: string): number {
  return Number(md5Sum64(`${seed} ${target.key}`) % BigInt(target.intervalMs))
}

/** The labels as name, value, name, value, …, sorted, with the metric's name among them. */
export function seriesLabels(labels: ReadonlyMap<string, string>): string[] {
  return [...labels].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).flat()
}

function initialLabels(job: ScrapeJob, address: string, given: Readonly<Record<string, string>>): MutableLabels {
  const labels: MutableLabels = new Map([
    ['job', job.job],
    ['__scheme__', job.scheme],
    ['__metrics_path__', job.path],
    ['__scrape_interval__', `${String(job.interval)}ms`],
    ['__scrape_timeout__', `${String(job.timeout)}ms`],
  ])
  for (const [name, values] of Object.entries(job.params)) labels.set(`__param_${name}`, values[0] ?? '')
  for (const [name, value] of Object.entries(given)) labels.set(name, value)
  labels.set('__address__', address)
  for (const [name, value] of labels) if (value === '') labels.delete(name)
  return labels
}

function toTarget(job: ScrapeJob, labels: MutableLabels): Target {
  const address = labels.get('__address__')
  if (address === undefined) throw new AppError('invalid', `job ${job.job}: relabeling left a target without address`)
  const intervalMs = parseDuration(labels.get('__scrape_interval__') ?? '') ?? 0
  const timeoutMs = parseDuration(labels.get('__scrape_timeout__') ?? '') ?? 0
  if (intervalMs === 0 || timeoutMs === 0 || timeoutMs > intervalMs) {
    throw new AppError('invalid', `job ${job.job}: relabeling left ${address} with no usable interval and timeout`)
  }
  const url = toUrl(job, labels, address)
  if (!labels.has('instance')) labels.set('instance', address)
  const visible = [...labels].filter(([name]) => !name.startsWith('__'))
  const sorted = new Map(visible.sort(([a], [b]) => (a < b ? -1 : 1)))
  const settings = { ...job, targets: undefined }
  const identity = JSON.stringify([settings, url.href, intervalMs, timeoutMs, [...sorted]])
  const key = createHash('md5').update(identity).digest('base64')
  return { job, labels: sorted, url, intervalMs, timeoutMs, key }
}

function toUrl(job: ScrapeJob, labels: MutableLabels, address: string): URL {
  const base = `${labels.get('__scheme__') ?? 'http'}://${address}`
  if (!/^https?:\/\/[^/?#@\\]+$/.test(base) || !URL.canParse(base)) {
    throw new AppError('invalid', `job ${job.job}: ${base} is no address to scrape`)
  }
  const url = new URL(base)
  url.pathname = labels.get('__metrics_path__') ?? '/'
  const params = new Map(Object.entries(job.params))
  // The first value of a parameter is a label too, and relabeling may have changed or added it.
  for (const [name, value] of labels) {
    if (!name.startsWith('__param_')) continue
    const param = name.slice('__param_'.length)
    params.set(param, [value, ...(params.get(param)?.slice(1) ?? [])])
  }
  for (const [name, values] of params) for (const value of values) url.searchParams.append(name, value)
  return url
}
