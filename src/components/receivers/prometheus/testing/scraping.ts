import { createMetrics, type Metrics, silentLogger, systemClock } from '../../../../core/index.ts'
import type { Batch, Identity } from '../../../../model/index.ts'
import type { Consumer } from '../../../../pipeline/index.ts'
import { type ReadSeries, readRemoteWriteRequest } from '../../../../wire/remote-write/testing/read-request.ts'
import { createPrometheusReceiver, type PrometheusReceiver, prometheusReceiverConfigSchema } from '../index.ts'

export const identity: Identity = {
  cluster: 'dev-uaenorth',
  environment: 'dev',
  region: 'uaenorth',
  clusterType: 'workload',
  tenant: 'dev',
}

/** A receiver under test and what it handed on. */
export interface Scraping {
  readonly receiver: PrometheusReceiver
  readonly metrics: Metrics
  readonly batches: readonly Batch[]
  /** The series of a batch, once it has come. */
  readonly batch: (index: number) => Promise<readonly ReadSeries[]>
  /** The series of the first batch that has what is looked for, from an index on. */
  readonly find: (from: number, wanted: (series: readonly ReadSeries[]) => boolean) => Promise<readonly ReadSeries[]>
  readonly metric: (line: string) => Promise<number>
  readonly stop: () => Promise<void>
}

const PATIENCE_MS = 8_000

export function parseConfig(config: unknown): ReturnType<typeof prometheusReceiverConfigSchema.parse> {
  return prometheusReceiverConfigSchema.parse(config)
}

/** Starts a receiver for one job, which scrapes often. `consume` may reject, as a pipeline does. */
export async function startScraping(
  job: object,
  options: { consume?: Consumer; config?: object } = {},
): Promise<Scraping> {
  const batches: Batch[] = []
  const metrics = createMetrics()
  const receiver = createPrometheusReceiver({
    config: parseConfig({ jobs: [{ job: 'test', interval: '60ms', ...job }], ...options.config }),
    identity,
    next: async (batch) => {
      await options.consume?.(batch)
      batches.push(batch)
    },
    clock: systemClock,
    log: silentLogger(),
    metrics,
    version: '1.2.3',
  })
  await receiver.start(AbortSignal.timeout(5_000))
  const batch = async (index: number): Promise<readonly ReadSeries[]> => {
    await until(() => batches.length > index, `batch ${String(index)}`)
    return readRemoteWriteRequest(batches[index]?.payload ?? new Uint8Array())
  }
  return {
    receiver,
    metrics,
    batches,
    batch,
    find: async (from, wanted) => {
      for (let i = from; ; i++) {
        const series = await batch(i)
        if (wanted(series)) return series
      }
    },
    metric: async (line) => {
      const { body } = await metrics.render()
      const found = body.split('\n').find((one) => one.startsWith(`${line} `))
      return Number(found?.slice(line.length + 1) ?? NaN)
    },
    stop: () => receiver.shutdown(AbortSignal.timeout(5_000)),
  }
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS
  while (!condition()) {
    if (Date.now() > endMs) throw new Error(`waited too long for ${what}`)
    await systemClock.sleep(5)
  }
}

/** `name{a="1",b="2"}` without the labels that every series of the job has. */
export function nameOf({ labels }: ReadSeries): string {
  const { __name__: name = '' } = labels
  const others = Object.entries(labels).filter(([label]) => !['__name__', 'job', 'instance'].includes(label))
  const pairs = others.map(([label, value]) => `${label}="${value}"`)
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
}

/** Name to value, for series of one sample. */
export function valuesOf(series: readonly ReadSeries[]): Record<string, number | 'stale' | undefined> {
  return Object.fromEntries(series.map((one) => [nameOf(one), one.samples[0]?.value]))
}
