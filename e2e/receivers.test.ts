import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { Client } from '@elastic/elasticsearch'
import pino from 'pino'
import { pinoLoki } from 'pino-loki'
import { stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from './testing/free-ports.ts'
import { HubProcess, isInstalled } from './testing/hub-process.ts'

const WAIT = { timeout: 30_000, interval: 200 }
const COUNT = 300

let hub: HubProcess
beforeAll(async () => {
  hub = await HubProcess.start()
}, 60_000)
afterAll(async () => {
  await hub.stop()
})

describe('a hub that other programs write to', () => {
  it('takes documents from the client of Elasticsearch, each once', async () => {
    const client = new Client({
      node: `${hub.url}/elastic`,
      auth: { apiKey: { id: 'sender', api_key: hub.token } },
    })
    expect((await client.info()).version.number).toMatch(/^8\./)
    const documents = Array.from({ length: COUNT }, (_, i) => ({
      id: `id-${String(i)}`,
      message: `document ${String(i)}`,
    }))
    const send = (): ReturnType<typeof client.helpers.bulk> =>
      client.helpers.bulk({
        datasource: documents.map((document) => ({ '@timestamp': new Date().toISOString(), ...document })),
        onDocument: ({ id }) => ({ create: { _index: 'app-logs', _id: id } }),
        onDrop: () => undefined,
      })
    expect(await send()).toMatchObject({ successful: COUNT, failed: 0 })
    // What is there is a conflict, which Beats take for success.
    expect(await send()).toMatchObject({ successful: 0, failed: COUNT, retry: 0 })
    await client.close()
    await expect.poll(async () => (await hub.lines('{cluster="dev-b"} |= "document"')).length, WAIT).toBe(COUNT)
  }, 60_000)

  it('takes lines from a client of Loki', async () => {
    const stream = pinoLoki({
      host: hub.url,
      basicAuth: { username: 'sender', password: hub.token },
      labels: { app: 'pinoed' },
      batching: { interval: 1 },
    })
    const logger = pino({ base: null }, stream)
    for (let i = 0; i < COUNT; i++) logger.info(`line ${String(i)}`)
    await expect.poll(async () => (await hub.lines('{app="pinoed", cluster="dev-b"}')).length, WAIT).toBe(COUNT)
    stream.destroy()
  }, 60_000)

  it('refuses writers without a token, and readers that write', async () => {
    const post = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${hub.url}/loki/api/v1/push`, { method: 'POST', body: '{"streams":[]}', headers })).status
    const json = { 'content-type': 'application/json' }
    expect(await post(json)).toBe(401)
    expect(await post({ ...json, authorization: 'Bearer nonsense' })).toBe(401)
    expect(await post({ ...json, authorization: `Bearer ${hub.token}` })).toBe(204)
    expect(await post({ ...json, authorization: `Bearer ${hub.token}`, 'x-scope-orgid': 'prd' })).toBe(403)
    const read = await fetch(`${hub.url}/loki/api/v1/labels`, { headers: { authorization: `Bearer ${hub.token}` } })
    expect(read.status).toBe(401)
  })
})

// Debian's package `prometheus`: remote write 1.0.
describe.skipIf(!isInstalled('prometheus'))('a hub that Prometheus writes to', () => {
  let target: http.Server
  let prometheus: ChildProcess

  beforeAll(async () => {
    target = http.createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
      response.end(
        '# HELP shop_orders_total Orders.\n# TYPE shop_orders_total counter\nshop_orders_total{cluster="liar"} 7\n',
      )
    })
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
    prometheus = await startPrometheus(target)
  }, 30_000)
  afterAll(async () => {
    target.close()
    const ended = new Promise((resolve) => prometheus.once('exit', resolve))
    prometheus.kill('SIGTERM')
    await ended
  })

  it('has its series for the cluster of the token and for that of the certificate', async () => {
    await expect.poll(() => hub.query('shop_orders_total'), WAIT).toHaveLength(2)
    const series = await hub.query('shop_orders_total')
    expect(
      series.map(({ metric, value }) => [metric['cluster'], metric['exported_cluster'], metric['job'], value]).sort(),
    ).toEqual([
      ['dev-a', 'liar', 'shop', '7'],
      ['dev-b', 'liar', 'shop', '7'],
    ])
    const typeOf = async (name: string): Promise<string | undefined> => {
      const { data } = await hub.getJson<{ data: Record<string, { type: string }[]> }>('/prometheus/api/v1/metadata')
      return data[name]?.[0]?.type
    }
    // Prometheus sends it by itself, and not with the series.
    await expect.poll(() => typeOf('shop_orders_total'), WAIT).toBe('counter')
  }, 60_000)

  it('has the end of a series as soon as Prometheus sees it', async () => {
    target.closeAllConnections()
    target.close()
    // Without the staleness marker the last sample would be answered for five minutes.
    await expect.poll(() => hub.query('shop_orders_total'), WAIT).toHaveLength(0)
    expect((await hub.query('up{job="shop"}')).map(({ value }) => value)).toEqual(['0', '0'])
  }, 60_000)

  async function startPrometheus(server: http.Server): Promise<ChildProcess> {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const [listen = 0] = await freePorts(1)
    const tls = hub.tlsOf('dev-a')
    const path_ = '/prometheus/api/v1/write'
    const config = {
      global: { scrape_interval: '500ms' },
      scrape_configs: [
        { job_name: 'shop', honor_labels: true, static_configs: [{ targets: [`127.0.0.1:${String(port)}`] }] },
      ],
      remote_write: [
        { url: `${hub.url}${path_}`, authorization: { credentials: hub.token } },
        {
          url: `https://localhost:${String(hub.otlpHttp)}${path_}`,
          tls_config: { ca_file: tls.ca, cert_file: tls.cert, key_file: tls.key },
        },
      ].map((to) => ({
        ...to,
        metadata_config: { send_interval: '1s' },
        queue_config: { batch_send_deadline: '500ms' },
      })),
    }
    writeFileSync(path.join(hub.dir, 'prometheus.yml'), stringify(config))
    const args = [
      '--config.file=prometheus.yml',
      '--storage.tsdb.path=tsdb',
      `--web.listen-address=127.0.0.1:${String(listen)}`,
    ]
    return spawn('prometheus', args, { cwd: hub.dir, stdio: 'ignore' })
  }
})
