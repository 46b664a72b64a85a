import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Component, createMetrics, type Metrics, silentLogger, systemClock } from '../../../../core/index.ts'
import type { Batch, Checkpoint } from '../../../../model/index.ts'
import { createFilelogMeters, createFilelogReceiver, type FilelogMeters, filelogConfigSchema } from '../index.ts'
import { type DecodedLog, decodeLogs } from './decode-logs.ts'

const IDENTITY = { cluster: 'c', environment: 'e', region: 'r', clusterType: 'workload', tenant: 't' }

export interface Harness {
  readonly dir: string
  /** What the pipeline accepted, in order. */
  readonly batches: Batch[]
  readonly metrics: Metrics
  /** Decides about each batch before it is accepted; throws to refuse. */
  onBatch: (batch: Batch) => Promise<void> | void
  /** Called after the batch is durable and before the receiver knows. */
  afterBatch: () => Promise<void> | void
  start(config?: Readonly<Record<string, unknown>>): Promise<Component>
  stop(): Promise<void>
  logs(): readonly DecodedLog[]
  bodies(): readonly string[]
  /** Waits until the bodies are these (in any order), then a little longer for surplus ones. */
  expectBodies(bodies: readonly string[], timeoutMs?: number): Promise<readonly string[]>
  metric(line: string): Promise<number>
  dispose(): Promise<void>
}

/** A receiver on a temporary directory in front of a pipeline that is an array. */
export function createHarness(): Harness {
  const dir = mkdtempSync(path.join(tmpdir(), 'filelog-'))
  const metrics = createMetrics()
  const meters: FilelogMeters = createFilelogMeters(metrics)
  let running: Component | undefined

  const harness: Harness = {
    dir,
    batches: [],
    metrics,
    onBatch: () => undefined,
    afterBatch: () => undefined,
    start: async (config = {}) => {
      running = createFilelogReceiver({
        name: 'files',
        config: filelogConfigSchema.parse({
          include: path.join(dir, 'logs/**/*.log'),
          pollInterval: '10ms',
          discoverInterval: '20ms',
          rotateWait: '150ms',
          ...config,
        }),
        stateDir: path.join(dir, 'state'),
        identity: IDENTITY,
        next: async (batch) => {
          await harness.onBatch(batch)
          harness.batches.push(batch)
          await harness.afterBatch()
        },
        newestCheckpoint: () => Promise.resolve(newestOf(harness.batches)),
        clock: systemClock,
        log: silentLogger(),
        meters,
      })
      await running.start(AbortSignal.timeout(5_000))
      return running
    },
    stop: async () => {
      await running?.shutdown(AbortSignal.timeout(5_000))
      running = undefined
    },
    logs: () => harness.batches.flatMap((batch) => decodeLogs(batch.payload)),
    bodies: () => harness.logs().map((log) => log.body),
    expectBodies: async (bodies, timeoutMs = 5_000) => {
      const deadline = Date.now() + timeoutMs
      while (harness.bodies().length < bodies.length && Date.now() < deadline) await systemClock.sleep(10)
      await systemClock.sleep(40)
      return harness.bodies()
    },
    metric: async (line) => {
      const { body } = await metrics.render()
      const found = body.split('\n').find((candidate) => candidate.startsWith(`${line} `))
      return found === undefined ? 0 : Number(found.slice(line.length + 1))
    },
    dispose: async () => {
      await harness.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return harness
}

function newestOf(batches: readonly Batch[]): Checkpoint | undefined {
  return batches.at(-1)?.envelope.checkpoint
}
