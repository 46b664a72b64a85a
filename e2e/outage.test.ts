import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LocalFleet, sleep } from './testing/local-fleet.ts'
import { postToEdge, Producer } from './testing/producer.ts'
import { reconcile } from './testing/reconcile.ts'

/** How long the hub is away; FLEETGLASS_TEST_OUTAGE_SECONDS=600 is the long form. */
const OUTAGE_SECONDS = Number(process.env['FLEETGLASS_TEST_OUTAGE_SECONDS'] ?? 20)

describe('a hub that is away', () => {
  let fleet: LocalFleet

  beforeAll(async () => {
    fleet = await LocalFleet.create({ demo: false })
    await fleet.up()
  }, 120_000)

  afterAll(async () => {
    await fleet.dispose()
  })

  it(
    `costs nothing: what edges took in during ${OUTAGE_SECONDS} s arrives afterwards, once`,
    async () => {
      const startNs = BigInt(Date.now() - 60_000) * 1_000_000n
      const pause = 25
      const producers = [...fleet.edges].map(
        ([cluster, { otlpHttp }]) => new Producer(cluster, postToEdge(otlpHttp), pause),
      )
      for (const producer of producers) producer.start()
      await sleep(2_000)

      // Frozen, it neither answers nor closes its connections: the worst way to be away.
      const hub = fleet.pids()['hub']
      if (hub === undefined) throw new Error('there is no hub')
      process.kill(hub, 'SIGSTOP')
      const before = producers.map(({ acknowledged }) => acknowledged.size)
      await sleep(OUTAGE_SECONDS * 1_000)
      producers.forEach(({ acknowledged }, i) => expect(acknowledged.size).toBeGreaterThan(before[i] ?? 0))
      process.kill(hub, 'SIGCONT')
      for (const producer of producers) await producer.stop()

      const { lost, doubled } = await reconcile(fleet, producers, startNs, 120_000)
      expect({ lost: lost.slice(0, 10), doubled: doubled.slice(0, 10) }).toEqual({ lost: [], doubled: [] })
    },
    240_000 + 2_000 * OUTAGE_SECONDS,
  )
})
