import { parentPort, workerData } from 'node:worker_threads'
import { createScrub, createScrubMeters, readScrubKey } from '../components/processors/scrub/index.ts'
import { createLogger, createMetrics, systemClock } from '../core/index.ts'
import type { Signal } from '../model/index.ts'
import { createDeadLetterWriters, DeadLetterBox, LetterReplay } from '../pipeline/dead-letters/index.ts'
import {
  type Backfill,
  chainSelections,
  createFilter,
  createSecrets,
  Lane,
  openStart,
  type Selection,
} from '../pipeline/destination/index.ts'
import { openLogReader } from '../queue/index.ts'
import {
  cursorName,
  type DestinationWorkerData,
  type FromDestinationWorker,
  type ToDestinationWorker,
} from './destination-messages.ts'
import { createProtocol } from './destination-protocols.ts'

const REPORT_MS = 500
const DEAD_LETTER_BYTES = 256 * 1024 * 1024

if (parentPort !== null) await run(parentPort, workerData as DestinationWorkerData)

async function run(port: NonNullable<typeof parentPort>, data: DestinationWorkerData): Promise<void> {
  const { name, settings, logDir, durable, segments } = data
  const tell = (message: FromDestinationWorker): void => port.postMessage(message)
  const log = createLogger('destination').child({ destination: name })
  const protocol = await createProtocol(settings, {
    secrets: createSecrets(),
    userAgent: `Fleetglass/${data.version}`,
    clock: systemClock,
    log,
  })
  const metrics = createMetrics()
  const scrubMeters = createScrubMeters(metrics)
  const scrubs: Selection[] = []
  for (const profile of data.scrub) {
    scrubs.push(createScrub(profile, { meters: scrubMeters, key: await readScrubKey(profile) }))
  }
  // What does not go there need not be scrubbed.
  const select = chainSelections([createFilter(settings.where), ...scrubs])
  const deadLetters = createDeadLetterWriters({
    directory: data.deadLetterDir,
    clock: systemClock,
    log,
    metrics,
  })({ consumer: name, limitBytes: DEAD_LETTER_BYTES })
  const { batch, concurrency, backlog, backfill: backfillMs } = settings
  const lanes = new Map<Signal, Lane>()
  const backfills: Partial<Record<Signal, Backfill>> = {}

  for (const signal of settings.signals) {
    const start = await openStart({
      dir: logDir,
      durable,
      segments,
      name: cursorName(name, signal),
      backfillMs,
      clock: systemClock,
      log,
    })
    if (start.backfill !== undefined) backfills[signal] = start.backfill
    const reader = await openLogReader({ dir: logDir, durable, from: start.cursor.position, log })
    const lane = new Lane({
      destination: name,
      type: settings.type,
      signal,
      protocol,
      reader,
      cursor: start.cursor,
      select,
      limits: { items: batch.items, bytes: batch.bytes, waitMs: batch.wait, concurrency },
      maxAgeMs: backlog.maxAge,
      deadLetters,
      clock: systemClock,
      log,
    })
    lanes.set(signal, lane)
  }

  const replay = new LetterReplay({
    box: new DeadLetterBox(data.deadLetterDir),
    consumer: name,
    deliver: async (letter, signal) => {
      const lane = letter.envelope === undefined ? undefined : lanes.get(letter.envelope.signal)
      return (await lane?.redeliver(letter, signal)) ?? 'refused'
    },
    clock: systemClock,
    log,
  })
  const stopping = new AbortController()

  const report = (): void => tell({ type: 'report', lanes: [...lanes.values()].map((lane) => lane.report()) })
  const reporting = setInterval(report, REPORT_MS)
  const stop = async (): Promise<void> => {
    clearInterval(reporting)
    stopping.abort()
    await Promise.all([...lanes.values()].map((lane) => lane.stop()))
    report()
    await protocol.close()
    port.close()
  }
  port.on('message', (message: ToDestinationWorker) => {
    if (message.type === 'stop') void stop()
    else lanes.get(message.signal)?.drop(message.below, message.reason)
  })
  tell({ type: 'started', backfills })
  for (const lane of lanes.values()) lane.start()
  void replay.run(stopping.signal)
  report()
  log.info({ type: settings.type, signals: settings.signals }, 'a destination is served')
}
