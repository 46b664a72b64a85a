import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, LocalFleet, sleep } from './testing/local-fleet.ts'
import { postToEdge, postToHub, Producer } from './testing/producer.ts'
import { reconcile } from './testing/reconcile.ts'

/** How often each of hub, engine and edge is killed; set FLEETGLASS_TEST_KILLS for a long run. */
const KILLS = Number(process.env['FLEETGLASS_TEST_KILLS'] ?? 10)

describe('kill -9 under load', () => {
  let fleet: LocalFleet

  beforeAll(async () => {
    fleet = await LocalFleet.create({ demo: false })
    await fleet.up()
  }, 120_000)

  afterAll(async () => {
    await fleet.dispose()
  })

  it(
    `loses and doubles nothing that was acknowledged, over ${KILLS} kills each of the hub, the engine and an edge`,
    async () => {
      const startNs = BigInt(Date.now() - 60_000) * 1_000_000n
      const producers = [...fleet.edges].map(([cluster, { otlpHttp }]) => new Producer(cluster, postToEdge(otlpHttp)))
      producers.push(new Producer('direct', postToHub(fleet.hub.otlpHttp, `${fleet.state}/pki`, 'prd-uaenorth')))
      for (const producer of producers) producer.start()

      for (let round = 0; round < KILLS; round++) {
        for (const name of ['hub', 'engine', 'edge dev-uaenorth']) {
          await sleep(Math.random() * 800)
          await killOne(fleet, name)
        }
      }
      for (const producer of producers) await producer.stop()

      const { lost, doubled } = await reconcile(fleet, producers, startNs)
      expect({ lost: lost.slice(0, 10), doubled: doubled.slice(0, 10) }).toEqual({ lost: [], doubled: [] })
      for (const producer of producers) expect(producer.acknowledged.size).toBeGreaterThan(0)
    },
    120_000 + KILLS * 30_000,
  )
})

/** Kills the process, once there is one, and gives another a moment to take its place. */
async function killOne(fleet: LocalFleet, name: string): Promise<void> {
  const pid = await eventually(
    () => Promise.resolve(fleet.pids()[name]),
    (candidate) => candidate !== undefined && isAlive(candidate),
  )
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
  // Some kills hit a program that works, some one that still recovers.
  await sleep(Math.random() * 1_500)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
