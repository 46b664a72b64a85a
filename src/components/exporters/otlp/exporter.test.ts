import { rm, writeFile } from 'node:fs/promises'
import { status } from '@grpc/grpc-js'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createFleetCertificates,
  type CertificateSet,
  type FleetCertificates,
} from '../../../pki/testing/fleet-certificates.ts'
import { createRandom } from '../../../wire/testing/mutate.ts'
import { createEdgeKit, type EdgeKit, type RunningExporter } from './testing/edge-kit.ts'
import { type FakeHub, startFakeHub } from './testing/fake-hub.ts'

let certificates: FleetCertificates
let certificate: CertificateSet
let hub: FakeHub
let edge: EdgeKit
const running: RunningExporter[] = []

beforeAll(async () => {
  certificates = await createFleetCertificates()
  certificate = await certificates.edge('dev-1')
})
beforeEach(async () => {
  hub = await startFakeHub(certificates.hub)
  edge = await createEdgeKit(certificate)
})
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
  await hub.stop()
  await edge.remove()
})

async function startExporter(config?: object, port = hub.port): Promise<RunningExporter> {
  const exporter = await edge.startExporter(port, config)
  running.push(exporter)
  return exporter
}

async function appendMany(count: number, name = (i: number): string => `record ${String(i)}`): Promise<void> {
  for (let i = 0; i < count; i++) await edge.append(name(i))
}

/** Whether every record of the log is at the hub, each once, but for `except`. */
async function expectAllStored(one: RunningExporter, except: readonly number[] = []): Promise<void> {
  await expect.poll(() => one.cursor.position, { timeout: 15_000, interval: 10 }).toBe(edge.log.durableEnd)
  const counts = Array.from(
    { length: edge.log.durableEnd },
    (_, i) => hub.stored.get(`${edge.log.epoch}/${String(i)}`) ?? 0,
  )
  expect(counts).toEqual(counts.map((_, i) => (except.includes(i) ? 0 : 1)))
}

describe('sending', () => {
  it('sends the log in order, neighbours merged, and moves the cursor', async () => {
    await edge.append('a')
    await edge.append('b')
    await edge.append('c', 'metrics')
    await edge.append('d', 'metrics', 'remote-write-2')
    await edge.append('e', 'traces')
    const exporter = await startExporter()
    await expectAllStored(exporter)
    // They set out in order; which one arrives first is up to the threads that compress them.
    hub.arrived.sort((a, b) => a.first - b.first)
    const seen = hub.arrived.map(({ path, first, last }) => [path.split('/')[1]?.split('.').at(-1), first, last])
    expect(seen).toEqual([
      ['LogsService', 0, 1],
      ['MetricsService', 2, 2],
      ['Ingest', 3, 3],
      ['TraceService', 4, 4],
    ])
    expect(hub.arrived[0]?.message.toString()).toBe('\n\x01a\n\x01b')
    const { metadata } = hub.arrived[0] ?? {}
    expect(metadata?.['fleetglass-batch-id']).toBe(`dev-1/0;${edge.log.epoch};0;1`)
    expect(metadata?.['fleetglass-items']).toBe('2')
    expect(Math.abs(Number(metadata?.['fleetglass-collected-at']) - Date.now())).toBeLessThan(10_000)
    expect(exporter.exporter.status()).toMatchObject({ connected: true, inFlight: 0, lostItems: 0 })
    expect((await exporter.metrics.render()).body).toContain(
      'fleetglass_otlp_exporter_sent_items_total{signal="logs"} 2',
    )
  })

  it('keeps to the limits of a request and to the window', async () => {
    await appendMany(100, (i) => `${String(i)}${'x'.repeat(1_000)}`)
    const open: (() => void)[] = []
    hub.answer = () => new Promise((resolve) => open.push(() => resolve('take')))
    const exporter = await startExporter({ maxRequestSize: '4KiB', maxRequestRecords: 10, window: 3 })
    await expect.poll(() => open.length).toBe(3)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(open.length).toBe(3)
    hub.answer = () => 'take'
    for (const answer of open) answer()
    await expectAllStored(exporter)
    expect(hub.mostAtOnce).toBe(3)
    expect(Math.max(...hub.arrived.map(({ message }) => message.length))).toBeLessThanOrEqual(4_096)
  })

  it('moves the cursor only over what is complete from the front', async () => {
    await appendMany(3, (i) => 'x'.repeat(2_000 + i))
    const held: (() => void)[] = []
    hub.answer = ({ first }) => (first === 0 ? new Promise((resolve) => held.push(() => resolve('take'))) : 'take')
    const exporter = await startExporter({ maxRequestSize: '1KiB' })
    await expect.poll(() => hub.stored.size).toBe(2)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(exporter.cursor.position).toBe(0)
    for (const answer of held) answer()
    await expectAllStored(exporter)
  })

  it('tells the hub about itself', async () => {
    await startExporter()
    await expect.poll(() => hub.reports.length).toBeGreaterThan(2)
    expect(hub.reports[0]).toMatchObject({
      edge: 'dev-1/0',
      version: '0.1.0',
      queue: { bytes: 10, limitBytes: 20, records: 0 },
      dropped: { queue_full: 3 },
    })
    expect(hub.reports[0]?.lastError).toBeUndefined()
  })
})

describe('when the hub is away', () => {
  it('waits for it, and sends everything when it comes back, over and over', async () => {
    const { port, stored } = hub
    await hub.stop()
    await appendMany(5)
    const exporter = await startExporter()
    await expect.poll(() => exporter.exporter.status().lastError?.message).toMatch(/unavailable/)
    expect(exporter.exporter.status().connected).toBe(false)
    for (let round = 0; round < 2; round++) {
      hub = await startFakeHub(certificates.hub, { port, stored })
      await appendMany(5)
      await expectAllStored(exporter)
      await expect.poll(() => exporter.exporter.status().lastError).toBeUndefined()
      await hub.stop()
      await appendMany(5)
    }
    hub = await startFakeHub(certificates.hub, { port, stored })
    await expectAllStored(exporter)
  })

  it('comes back long before its longest wait is over', async () => {
    const { port } = hub
    await hub.stop()
    await appendMany(1)
    const exporter = await startExporter({ retryInitial: '1m', retryMax: '1m' }, port)
    await expect.poll(() => exporter.exporter.status().lastError).toBeDefined()
    hub = await startFakeHub(certificates.hub, { port })
    await expectAllStored(exporter)
  })

  it('stops at once, and goes on where it was when it starts again', async () => {
    await appendMany(10)
    const { port, stored } = hub
    await hub.stop()
    const first = await startExporter()
    await expect.poll(() => first.exporter.status().lastError).toBeDefined()
    const before = Date.now()
    await running.pop()?.stop(5_000)
    expect(Date.now() - before).toBeLessThan(1_000)
    hub = await startFakeHub(certificates.hub, { port, stored })
    await expectAllStored(await startExporter())
  })
})

describe('exactly once', () => {
  // The exporter is stopped at random moments and comes back with other sizes of requests, so that requests overlap
  // with what the hub has; answers are lost; the hub refuses now and then.
  it.each([1, 2, 3, 4])('whatever happens to requests and exporters (run %d)', async (seed) => {
    const random = createRandom(seed)
    hub.answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5 * random()))
      const dice = random()
      if (dice < 0.15) return 'take and lose the answer'
      if (dice < 0.2) return { code: status.UNAVAILABLE }
      return dice < 0.25 ? { code: status.INTERNAL } : 'take'
    }
    for (let round = 0; round < 8; round++) {
      await appendMany(20)
      const size = 40 + Math.floor(200 * random())
      const one = await startExporter({ maxRequestSize: `${String(size)}B`, window: 1 + Math.floor(6 * random()) })
      await new Promise((resolve) => setTimeout(resolve, 60 * random()))
      running.pop()
      await one.stop(0)
    }
    await expectAllStored(await startExporter())
    expect(await edge.deadLetters()).toEqual([])
  })
})

describe('refusals', () => {
  it('finds the records that are refused for good, puts them aside and goes on', async () => {
    await appendMany(50, (i) => (i === 17 || i === 31 ? `poison ${String(i)}` : `fine ${String(i)}`))
    hub.answer = ({ message }) =>
      message.includes('poison') ? { code: status.INVALID_ARGUMENT, message: 'malformed' } : 'take'
    const exporter = await startExporter()
    await expectAllStored(exporter, [17, 31])
    const letters = await edge.deadLetters()
    const id = (n: number): object => ({ edge: 'dev-1/0', epoch: edge.log.epoch, first: n, last: n })
    expect(letters).toMatchObject([
      {
        origin: { consumer: 'hub', first: 17 },
        reason: 'refused',
        message: 'invalid_argument: malformed',
        envelope: { signal: 'logs', format: 'otlp', items: 1, identity: { cluster: 'dev-1' }, id: id(17) },
      },
      { envelope: { id: id(31) } },
    ])
    expect(Buffer.from(letters[0]?.payload ?? []).toString('latin1')).toBe('\n\tpoison 17')
    expect(exporter.exporter.status()).toMatchObject({ lostItems: 2 })
    expect(exporter.exporter.status().lastError?.message).toContain('malformed')
    await expect.poll(() => hub.reports.at(-1)?.dropped).toEqual({ queue_full: 3, refused: 2 })
    expect((await exporter.metrics.render()).body).toContain('dead_records_total{reason="refused"} 2')
    const counts = { collected: 50, sent: 48, rejected: 0, dropped: 0, deadLettered: 2, queued: 0, scrubbed: 0 }
    expect(exporter.ledger.read().logs).toEqual(counts)
    await expect.poll(() => hub.reports.at(-1)?.books?.logs).toEqual(counts)
  })

  it('sends a record that was put aside again when somebody says so, under its own id and once', async () => {
    await appendMany(5, (i) => (i === 3 ? 'poison' : 'fine'))
    hub.answer = ({ message }) => (message.includes('poison') ? { code: status.INVALID_ARGUMENT } : 'take')
    const first = await startExporter()
    await expectAllStored(first, [3])
    const [letter] = (await edge.letters.list()).letters
    const name = { consumer: 'hub', id: letter?.id ?? '' }
    // Still refused: it is put back among the others.
    await edge.letters.markForReplay(name)
    await expect.poll(async () => (await edge.letters.list()).letters[0]?.state).toBe('letter')
    const copy = await edge.letters.read(name)
    hub.answer = () => 'take and lose the answer'
    await edge.letters.markForReplay(name)
    await expect.poll(() => hub.stored.get(`${edge.log.epoch}/3`)).toBe(1)
    hub.answer = () => 'take'
    await expect.poll(async () => (await edge.letters.list()).letters).toEqual([])
    expect(copy?.envelope?.id).toMatchObject({ first: 3, last: 3 })
    await expectAllStored(first)
  })

  it('counts what no longer fits among the records put aside', async () => {
    await appendMany(3, () => 'x'.repeat(700))
    hub.answer = () => ({ code: status.INVALID_ARGUMENT })
    const exporter = await startExporter({ deadLetterSize: '2KiB' })
    await expectAllStored(exporter, [0, 1, 2])
    expect((await edge.deadLetters()).length).toBe(1)
    expect(exporter.exporter.status().lostItems).toBe(3)
  })

  it('waits until records can be put aside', async () => {
    await appendMany(1)
    hub.answer = () => ({ code: status.INVALID_ARGUMENT })
    await writeFile(edge.deadLetterDir, 'a file in the way')
    const exporter = await startExporter()
    await expect.poll(() => hub.arrived.length).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(exporter.cursor.position).toBe(0)
    await rm(edge.deadLetterDir)
    await expectAllStored(exporter, [0])
  })

  it.each([
    ['UNAVAILABLE', status.UNAVAILABLE, undefined],
    ['DEADLINE_EXCEEDED', status.DEADLINE_EXCEEDED, undefined],
    ['CANCELLED', status.CANCELLED, undefined],
    ['ABORTED', status.ABORTED, undefined],
    ['OUT_OF_RANGE', status.OUT_OF_RANGE, undefined],
    ['DATA_LOSS', status.DATA_LOSS, undefined],
    ['RESOURCE_EXHAUSTED with a time', status.RESOURCE_EXHAUSTED, 1],
    ['PERMISSION_DENIED', status.PERMISSION_DENIED, undefined],
    ['UNAUTHENTICATED', status.UNAUTHENTICATED, undefined],
    ['UNIMPLEMENTED', status.UNIMPLEMENTED, undefined],
  ])('never gives data up over %s', async (_, code, retryAfterMs) => {
    await appendMany(4)
    hub.answer = () => ({ code, message: 'not yet', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
    const exporter = await startExporter()
    await expect.poll(() => hub.arrived.length, { timeout: 10_000, interval: 10 }).toBeGreaterThan(12)
    expect(exporter.exporter.status().lastError?.message).toContain('not yet')
    expect(exporter.cursor.position).toBe(0)
    hub.answer = () => 'take'
    await expectAllStored(exporter)
    await expect.poll(() => exporter.exporter.status().lastError).toBeUndefined()
    expect(await edge.deadLetters()).toEqual([])
  })

  it.each([
    ['INTERNAL', status.INTERNAL],
    ['UNKNOWN', status.UNKNOWN],
    ['RESOURCE_EXHAUSTED without a time', status.RESOURCE_EXHAUSTED],
    ['ALREADY_EXISTS that names nothing', status.ALREADY_EXISTS],
  ])('tries several times before it gives a record up over %s', async (_, code) => {
    await appendMany(8, (i) => (i === 5 ? 'poison' : 'fine'))
    let refusals = 0
    hub.answer = ({ message }) => {
      if (!message.includes('poison')) return 'take'
      refusals += 1
      return { code }
    }
    await expectAllStored(await startExporter(), [5])
    expect(refusals).toBeGreaterThan(10)
    expect((await edge.deadLetters()).length).toBe(1)
  })

  it('comes back no earlier than the hub says', async () => {
    await appendMany(1)
    const times: number[] = []
    hub.answer = () => {
      times.push(Date.now())
      return times.length === 1 ? { code: status.UNAVAILABLE, retryAfterMs: 400 } : 'take'
    }
    await expectAllStored(await startExporter())
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(395)
  })

  it('does not go round in circles with a hub that names other records', async () => {
    await appendMany(2)
    hub.answer = () => ({ code: status.ALREADY_EXISTS, stored: '100-200' })
    await expectAllStored(await startExporter(), [0, 1])
    expect(hub.arrived.length).toBeLessThan(30)
  })

  it('puts aside what it cannot read', async () => {
    await edge.append('a')
    await edge.log.append([Uint8Array.of(99, 1, 2, 3)])
    await edge.append('b')
    await expectAllStored(await startExporter(), [1])
    expect((await edge.deadLetters()).length).toBe(1)
  })
})

describe('certificates', () => {
  it('are waited for', async () => {
    await edge.remove()
    edge = await createEdgeKit()
    await appendMany(2)
    const exporter = await startExporter()
    await expect.poll(() => exporter.exporter.status().lastError?.message).toMatch(/TLS files/)
    await edge.setCertificates(certificate)
    await expectAllStored(exporter)
  })

  it('are taken over when their files change, while requests are under way', async () => {
    const { port, stored } = hub
    await appendMany(3)
    const exporter = await startExporter()
    await expectAllStored(exporter)
    // A hub of a new authority: the edge's old certificate gets it nowhere.
    const next = await createFleetCertificates()
    await hub.stop()
    hub = await startFakeHub(next.hub, { port, stored })
    await appendMany(3)
    await expect.poll(() => exporter.exporter.status().lastError).toBeDefined()
    await edge.setCertificates(await next.edge('dev-1'))
    await expectAllStored(exporter)
    // And once more, with the hub staying: requests under way end on the old connection.
    const open: (() => void)[] = []
    hub.answer = () => new Promise((resolve) => open.push(() => resolve('take')))
    await appendMany(1)
    await expect.poll(() => open.length).toBe(1)
    await edge.setCertificates(await next.edge('dev-1'))
    await new Promise((resolve) => setTimeout(resolve, 2_200))
    for (const answer of open) answer()
    await expectAllStored(exporter)
    expect(hub.arrived.filter(({ first }) => first === 6).length).toBe(1)
  })
})

describe('stopping', () => {
  it('lets requests under way finish', async () => {
    await appendMany(1)
    let answer = (): void => undefined
    hub.answer = () =>
      new Promise((resolve) => {
        answer = () => resolve('take')
      })
    const exporter = await startExporter()
    await expect.poll(() => hub.arrived.length).toBe(1)
    running.pop()
    const stopped = exporter.stop()
    answer()
    await stopped
    expect(exporter.cursor.position).toBe(1)
    await exporter.exporter.shutdown(AbortSignal.timeout(100))
  })

  it('does not wait longer than it may', async () => {
    await appendMany(1)
    hub.answer = () => new Promise(() => undefined)
    const exporter = await startExporter()
    await expect.poll(() => hub.arrived.length).toBe(1)
    running.pop()
    const before = Date.now()
    await exporter.stop(200)
    expect(Date.now() - before).toBeLessThan(1_500)
    expect(exporter.cursor.position).toBe(0)
    expect(exporter.exporter.status().connected).toBe(false)
  })
})
