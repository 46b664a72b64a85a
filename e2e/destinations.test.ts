import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GrpcIntake } from '../src/components/exporters/otlp-destination/testing/grpc-intake.ts'
import type { ClusterSend, DestinationSnapshot, FleetSnapshot } from '../src/contract/index.ts'
import { readLogs, toPlainText } from '../src/wire/index.ts'
import { freePorts } from './testing/free-ports.ts'
import { HubProcess } from './testing/hub-process.ts'
import { postToHub, Producer } from './testing/producer.ts'

const WAIT = { timeout: 30_000, interval: 200 }

/** Ids of the producer's records, as often as they came. */
function arrivedAt(intake: GrpcIntake): readonly string[] {
  return intake.arrivals.flatMap(({ payload }) => [...readLogs(payload)].map(({ record }) => toPlainText(record.body)))
}

describe('a hub with two destinations, one of them dead', () => {
  const alive = new GrpcIntake()
  const dead = new GrpcIntake()
  let hub: HubProcess

  beforeAll(async () => {
    const [deadPort = 0] = await freePorts(1)
    await alive.start()
    dead.port = deadPort
    const toward = (port: number): object => ({
      type: 'otlp',
      endpoint: `http://127.0.0.1:${String(port)}`,
      signals: ['logs'],
    })
    hub = await HubProcess.start({
      destinations: {
        alive: { ...toward(alive.port), where: { cluster: 'dev-a', match: '{service.name="producer"}' } },
        dead: toward(deadPort),
      },
    })
  }, 60_000)
  afterAll(async () => {
    await hub.stop()
    alive.stop()
    dead.stop()
  })

  async function destination(name: string): Promise<DestinationSnapshot | undefined> {
    const snapshot = await hub.getJson<FleetSnapshot>('/api/v1/fleet')
    return snapshot.destinations.find((candidate) => candidate.name === name)
  }

  async function sendsOf(cluster: string, name: string): Promise<ClusterSend['signals'][number] | undefined> {
    const snapshot = await hub.getJson<FleetSnapshot>('/api/v1/fleet')
    const sends = snapshot.clusters.find((candidate) => candidate.cluster === cluster)?.sends
    return sends?.find(({ destination: candidate }) => candidate === name)?.signals[0]
  }

  /** What of the acknowledged ids is not there. */
  const missing = (ids: ReadonlySet<string>, there: readonly string[]): readonly string[] => {
    const set = new Set(there)
    return [...ids].filter((id) => !set.has(id))
  }

  it('delays neither the other one nor the store, and delivers everything when the dead one comes back, over kills', async () => {
    const producer = new Producer('p', postToHub(hub.otlpHttp, `${hub.dir}/pki`, 'dev-a'), 20)
    producer.start()
    await expect.poll(() => producer.acknowledged.size, WAIT).toBeGreaterThan(400)
    await expect.poll(async () => (await destination('dead'))?.state, WAIT).toBe('retrying')
    // The living one keeps up while the dead one is tried.
    await expect.poll(() => arrivedAt(alive).length, WAIT).toBeGreaterThan(200)
    await expect.poll(() => destination('alive'), WAIT).toMatchObject({ type: 'otlp', state: 'up' })

    await hub.killAndRestart()
    const before = producer.acknowledged.size
    await expect.poll(() => producer.acknowledged.size, WAIT).toBeGreaterThan(before + 200)
    await producer.stop()

    await expect.poll(() => missing(producer.acknowledged, arrivedAt(alive)), WAIT).toEqual([])
    await expect
      .poll(async () => missing(producer.acknowledged, await hub.lines('{cluster="dev-a"}')).length, WAIT)
      .toBe(0)
    const [signal] = (await destination('dead'))?.signals ?? []
    expect(signal).toMatchObject({ delivered: 0, undelivered: {}, deadLetters: {} })
    expect(signal?.backlog.records).toBeGreaterThan(0)
    expect(signal?.lagMs).toBeGreaterThan(1_000)
    expect(signal?.lastError?.message).toContain('gRPC UNAVAILABLE')
    // By cluster: who sends waits for the dead one since the restart; who sends nothing waits for nothing.
    expect(await sendsOf('dev-a', 'dead')).toMatchObject({ state: 'retrying', delivered: 0, lost: 0 })
    expect((await sendsOf('dev-a', 'dead'))?.waiting).toBeGreaterThan(0)
    expect(await sendsOf('dev-b', 'dead')).toMatchObject({ delivered: 0, waiting: 0, lagMs: 0 })

    await dead.start()
    await expect.poll(() => missing(producer.acknowledged, arrivedAt(dead)), { ...WAIT, timeout: 90_000 }).toEqual([])
    await expect.poll(async () => (await destination('dead'))?.state, WAIT).toBe('up')
    await expect
      .poll(() => sendsOf('dev-a', 'dead'), WAIT)
      .toMatchObject({ waiting: 0, delivered: (await destination('dead'))?.signals[0]?.delivered })
    const metrics = await (await fetch(`${hub.url}/metrics`)).text()
    expect(metrics).toContain('fleetglass_destination_items_total{destination="dead",signal="logs"}')
    expect(metrics).toContain('fleetglass_destination_state{destination="dead",signal="logs",state="up"} 1')
  }, 180_000)
})
