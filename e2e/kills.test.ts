import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, LocalFleet, sleep } from './testing/local-fleet.ts'
import { postToEdge, postToHub, Producer } from './testing/producer.ts'

/** How often each of hub, engine and edge is killed; set FLEETGLASS_TEST_KILLS for a long run. */
const KILLS = Number(process.env['FLEETGLASS_TEST_KILLS'] ?? 10)

interface Streams {
  readonly data: { readonly result: readonly { readonly values: readonly (readonly [string, string])[] }[] }
}

interface Fleet {
  readonly clusters: readonly { readonly cluster: string; readonly queue?: { readonly records: number } }[]
}

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

      const present = await eventually(
        () => readAll(fleet, startNs),
        (lines) => producers.every(({ acknowledged }) => [...acknowledged].every((id) => lines.has(id))),
        60_000,
      ).catch(() => readAll(fleet, startNs))

      const acknowledged = producers.flatMap((producer) => [...producer.acknowledged])
      const lost = acknowledged.filter((id) => !present.has(id))
      const doubled = [...present].filter(([, times]) => times > 1).map(([id]) => id)
      process.stdout.write(
        `acknowledged ${acknowledged.length}, present ${present.size}, lost ${lost.length}, doubled ${doubled.length}\n`,
      )
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

/** Every line of the producers at the hub, with how often it is there; read page by page. */
async function readAll(fleet: LocalFleet, startNs: bigint): Promise<ReadonlyMap<string, number>> {
  await eventually(
    () => fleet.getJson<Fleet>('/api/v1/fleet'),
    ({ clusters }) => clusters.every(({ queue }) => (queue?.records ?? 1) === 0),
  ).catch(() => undefined)
  const lines = new Map<string, number>()
  let fromNs = startNs
  for (;;) {
    const params = new URLSearchParams({
      query: '{service_name="producer"}',
      start: String(fromNs),
      end: String(BigInt(Date.now() + 3_600_000) * 1_000_000n),
      limit: '5000',
      direction: 'forward',
    })
    const { data } = await fleet.getJson<Streams>(`/loki/api/v1/query_range?${params.toString()}`)
    const page = data.result.flatMap(({ values }) => values)
    for (const [, line] of page) lines.set(line, (lines.get(line) ?? 0) + 1)
    if (page.length === 0) return lines
    fromNs = page.map(([time]) => BigInt(time)).reduce((a, b) => (a > b ? a : b)) + 1n
  }
}
