import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createFleetCertificates, type FleetCertificates } from '../../../pki/testing/fleet-certificates.ts'
import { createEdgeKit, type EdgeKit, type RunningExporter } from './testing/edge-kit.ts'
import { type FakeHub, startFakeHub } from './testing/fake-hub.ts'

const BACKLOG = 300
/** One record a request; what has waited for longer than the tests take to start is old. */
const SLOWLY = { maxRequestRecords: 1, window: 4, liveAfter: '60ms' }

let certificates: FleetCertificates
let hub: FakeHub
let edge: EdgeKit
const running: RunningExporter[] = []

beforeAll(async () => {
  certificates = await createFleetCertificates()
})
beforeEach(async () => {
  hub = await startFakeHub(certificates.hub)
  hub.answer = async (): Promise<'take'> => {
    await sleep(2)
    return 'take'
  }
  edge = await createEdgeKit(await certificates.edge('dev-1'))
  await Promise.all(Array.from({ length: BACKLOG }, (_, i) => edge.append(`old ${String(i)}`)))
  await sleep(100)
})
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop(0)
  await hub.stop()
  await edge.remove()
})

async function startExporter(config: object = SLOWLY): Promise<RunningExporter> {
  const exporter = await edge.startExporter(hub.port, config)
  running.push(exporter)
  return exporter
}

/** Where the request with this sequence stands in the order of arrival. */
const arrivalOf = (sequence: number): number => hub.arrived.findIndex(({ first }) => first === sequence)

async function expectAllStoredOnce(one: RunningExporter): Promise<void> {
  await expect.poll(() => one.cursor.position, { timeout: 60_000, interval: 10 }).toBe(edge.log.durableEnd)
  const counts = Array.from({ length: edge.log.durableEnd }, (_, i) => hub.stored.get(`${edge.log.epoch}/${String(i)}`))
  expect(counts.filter((count) => count !== 1)).toEqual([])
}

describe('when an edge comes back from an outage', () => {
  it('what is new goes before what is old, and all of it arrives', async () => {
    const one = await startExporter()
    await expect.poll(() => hub.arrived.length).toBeGreaterThan(20)
    const fresh = await edge.append('new')
    await expectAllStoredOnce(one)
    expect(arrivalOf(fresh)).toBeLessThan(BACKLOG / 2)
    // Each went once: nothing of the backlog was sent by both lanes.
    expect(hub.arrived.length).toBe(edge.log.durableEnd)
  })

  it('the cursor stays in front of what is not at the hub', async () => {
    const one = await startExporter()
    for (let i = 0; i < 20; i++) {
      await edge.append(`new ${String(i)}`)
      await sleep(10)
      const { position } = one.cursor
      for (let sequence = 0; sequence < position; sequence++) {
        expect(hub.stored.has(`${edge.log.epoch}/${String(sequence)}`)).toBe(true)
      }
    }
    await expectAllStoredOnce(one)
  })

  it('an exporter that is cut off on both lanes loses nothing and doubles nothing', async () => {
    for (let i = 0; i < 3; i++) {
      const one = await startExporter()
      await sleep(60)
      await edge.append(`new ${String(i)}`)
      await sleep(30)
      await one.stop(0)
      running.length = 0
    }
    await expectAllStoredOnce(await startExporter())
  })

  it('waits in line while the hub takes nothing, and goes in order when it is told to', async () => {
    const one = await startExporter({ ...SLOWLY, liveAfter: '1h' })
    await expect.poll(() => hub.arrived.length).toBeGreaterThan(20)
    const fresh = await edge.append('new')
    await expectAllStoredOnce(one)
    expect(arrivalOf(fresh)).toBe(edge.log.durableEnd - 1)
  })
})
