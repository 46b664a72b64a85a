// The measured half of the benchmark: a file receiver in front of a durable log, in a process of its own.
import path from 'node:path'
import {
  createFilelogMeters,
  createFilelogReceiver,
  filelogConfigSchema,
} from '../../src/components/receivers/filelog/index.ts'
import { createMetrics, silentLogger, systemClock } from '../../src/core/index.ts'
import { encodeRecord, readNewestCheckpoints } from '../../src/pipeline/index.ts'
import { openLog } from '../../src/queue/index.ts'

const dir = process.argv[2] ?? ''
const IDENTITY = { cluster: 'bench', environment: 'dev', region: 'local', clusterType: 'workload', tenant: 'dev' }

const log = await openLog({
  dir: path.join(dir, 'log'),
  maxBytes: 2 ** 30,
  onFull: 'drop-oldest',
  log: silentLogger(),
})
const checkpoints = await readNewestCheckpoints({ dir: path.join(dir, 'log'), log })
let records = 0
let batches = 0
const receiver = createFilelogReceiver({
  name: 'bench',
  config: filelogConfigSchema.parse({ include: path.join(dir, 'pods/*/*/*.log'), format: 'cri' }),
  stateDir: path.join(dir, 'state'),
  identity: IDENTITY,
  next: async (batch) => {
    await log.append(encodeRecord(batch))
    records += batch.envelope.items
    batches += 1
  },
  newestCheckpoint: () => Promise.resolve(checkpoints.get('bench')),
  clock: systemClock,
  log: silentLogger(),
  meters: createFilelogMeters(createMetrics()),
})
await receiver.start(AbortSignal.timeout(10_000))

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ records, batches, cpuMs: (user + system) / 1_000, rssBytes: process.memoryUsage.rss() })
})
process.send?.({ records, batches, cpuMs: 0, rssBytes: 0 })
