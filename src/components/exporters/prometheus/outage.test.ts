import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger, systemClock } from '../../../core/index.ts'
import { parseFleetFile } from '../../../fleet/index.ts'
import type { Batch } from '../../../model/index.ts'
import { createSecrets, type DestinationProtocol } from '../../../pipeline/destination/index.ts'
import { LaneRig, until } from '../../../pipeline/destination/testing/lane-rig.ts'
import { RemoteWriteWriter } from '../../../wire/index.ts'
import { createPrometheusProtocol } from './index.ts'
import { isInstalled, ScriptedServer, startPrometheus } from './testing/servers.ts'

const identity = { cluster: 'dev', environment: 'dev', region: 'r', clusterType: 'workload', tenant: 't' }

function protocolFor(url: string): DestinationProtocol {
  const fleet = parseFleetFile(
    `{ fleet: f, hub: { cluster: ops }, clusters: { dev: { environment: dev, region: r } },
       destinations: { p: { type: prometheus, url: "${url}", timeout: 300ms } } }`,
    'f.yaml',
  )
  const settings = fleet.destinations.get('p')
  if (settings?.type !== 'prometheus') throw new Error('no such destination')
  const parts = { secrets: createSecrets(), userAgent: 'Fleetglass/t', clock: systemClock, log: silentLogger() }
  return createPrometheusProtocol(settings, parts)
}

/** One sample of each of ten series. */
function scrape(timeMs: number): Batch {
  const writer = new RemoteWriteWriter()
  for (let i = 0; i < 10; i++) {
    writer.beginSeries(['__name__', 'm', 'i', String(i), 'job', 'j'])
    writer.sample(1, timeMs)
    writer.endSeries()
  }
  const times = { collectedAtMs: Date.now(), receivedAtMs: Date.now() }
  return {
    envelope: { signal: 'metrics', format: 'remote-write-2', items: 10, identity, ...times },
    payload: writer.finish(),
  }
}

const LIMITS = { items: 50, bytes: 1 << 20, waitMs: 5, concurrency: 4 }

describe('Prometheus destination over outages', () => {
  const closing: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function openRig(): Promise<LaneRig> {
    const rig = await LaneRig.open()
    closing.push(() => rig.close())
    return rig
  }

  it.skipIf(!isInstalled('prometheus'))(
    'has every sample in Prometheus, though that is killed twice and the lane restarted in between',
    async () => {
      const dir = await mkdtemp(path.join(tmpdir(), 'fg-outage-'))
      closing.push(() => rm(dir, { recursive: true, force: true }))
      const rig = await openRig()
      let server = await startPrometheus(dir)
      const { port } = server
      const options = { signal: 'metrics', limits: LIMITS } as const
      let lane = await rig.startLane({ ...options, protocol: protocolFor(`${server.url}/api/v1/write`) })
      const startMs = Date.now() - 400_000
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 100; i++) {
          await rig.append(scrape(startMs + 1_000 * (100 * round + i)))
          if (i === 50 && round < 2) await server.stop()
        }
        if (round === 2) break
        await until(() => lane.report().state === 'retrying', 'the outage is seen')
        await lane.stop()
        server = await startPrometheus(dir, port)
        lane = await rig.startLane({ ...options, protocol: protocolFor(`${server.url}/api/v1/write`) })
      }
      closing.push(() => server.stop())
      await until(() => lane.report().position === rig.log.durableEnd, 'everything is done with')
      const query = encodeURIComponent('sum(count_over_time(m[1h]))')
      const answer = await fetch(`${server.url}/api/v1/query?query=${query}`)
      const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
      expect(data.result[0]?.value[1]).toBe('3000')
      expect(lane.report().state).toBe('up')
    },
    60_000,
  )

  it('goes on when a server that never answered, then talked nonsense, then was overloaded, is well again', async () => {
    const rig = await openRig()
    const sockets: net.Socket[] = []
    let isSilent = true
    const halfOpen = net.createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      if (!isSilent) socket.end('nonsense\r\n\r\n')
    })
    halfOpen.listen(0, '127.0.0.1')
    await once(halfOpen, 'listening')
    const { port } = halfOpen.address() as AddressInfo
    const lane = await rig.startLane({
      signal: 'metrics',
      limits: LIMITS,
      protocol: protocolFor(`http://127.0.0.1:${String(port)}/write`),
    })
    for (let i = 0; i < 20; i++) await rig.append(scrape(1_000 * (i + 1)))
    await until(() => lane.report().trouble?.message.startsWith('no answer within') === true, 'it is silent')
    isSilent = false
    await until(() => lane.report().trouble?.message.includes('Parse Error') === true, 'it talks nonsense')
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => halfOpen.close(resolve))

    const server = new ScriptedServer()
    closing.push(() => server.stop())
    const healthy = server.answer
    let overloaded = 5
    server.answer = (received) => (overloaded-- > 0 ? { status: 503 } : healthy(received))
    await server.start(port)
    await until(() => lane.report().position === rig.log.durableEnd, 'everything is done with')
    expect(lane.report().counts).toMatchObject({ deliveredItems: 200, undelivered: {}, deadLetters: {} })
    const taken = server.received.slice(5).flatMap(({ series }) => series.flatMap(({ samples }) => samples))
    expect(taken).toHaveLength(200)
  }, 30_000)
})
