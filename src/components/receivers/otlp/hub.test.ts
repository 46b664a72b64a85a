import { once } from 'node:events'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../../core/index.ts'
import type { BatchId, EdgeReport } from '../../../model/index.ts'
import { PartlyStoredError } from '../../../pipeline/index.ts'
import {
  type CertificateSet,
  createFleetCertificates,
  type FleetCertificates,
} from '../../../pki/testing/fleet-certificates.ts'
import { createCertificateIdentity, type ListenAddress, type RefusalReason } from './index.ts'
import { createGrpcClient, EXPORT, type GrpcAnswer, type HttpRequest, sendHttp } from './testing/clients.ts'
import { otlpBytes, remoteWriteBytes } from './testing/payloads.ts'
import { DEV, type RunningHub, startHub } from './testing/receivers.ts'

const WRITE_METRICS = '/fleetglass.v1.Ingest/WriteMetrics'
const REPORT = '/fleetglass.v1.Ingest/Report'
const LOGS: HttpRequest = {
  path: '/v1/logs',
  body: otlpBytes('logs', 2),
  headers: { 'content-type': 'application/x-protobuf' },
}
const DAY_MS = 86_400_000

let certificates: FleetCertificates
let dev: CertificateSet
let hub: RunningHub

beforeAll(async () => {
  certificates = await createFleetCertificates()
  dev = await certificates.edge('dev-uaenorth')
})
beforeEach(async () => {
  hub = await startHub(certificates)
})
afterEach(() => hub.stop())

/** One call over a connection of its own. */
async function call(
  certificate: CertificateSet,
  path: string,
  message: Uint8Array,
  metadata = {},
): Promise<GrpcAnswer> {
  const client = createGrpcClient(hub.grpc, certificate)
  const answer = await client.call(path, message, metadata)
  client.close()
  return answer
}

describe('OTLP on the hub, from senders of the fleet', () => {
  it('takes requests over as the cluster that the certificate names', async () => {
    expect((await call(dev, EXPORT.traces, otlpBytes('traces', 2))).code).toBe('OK')
    expect((await sendHttp(hub.http, { ...LOGS, tls: dev })).status).toBe(200)
    expect(hub.batches.map(({ envelope }) => [envelope.identity, envelope.signal, envelope.items])).toEqual([
      [DEV, 'traces', 2],
      [DEV, 'logs', 2],
    ])
    expect(hub.accepted.map(([cluster]) => cluster)).toEqual(['dev-uaenorth', 'dev-uaenorth'])
    expect(hub.refusals).toEqual([])
  })

  it('tells when a cluster connects and when its connection ends', async () => {
    await call(dev, EXPORT.traces, otlpBytes('traces', 2))
    expect(hub.connections[0]).toBe('+dev-uaenorth')
    await expect.poll(() => hub.connections).toEqual(['+dev-uaenorth', '-dev-uaenorth'])
  })

  it('takes the number and the time of collection of a batch over from its edge', async () => {
    const collectedAtMs = Date.now() - 60_000
    const metadata = {
      'fleetglass-batch-id': 'dev-uaenorth/0;e1;7;9',
      'fleetglass-collected-at': String(collectedAtMs),
      'fleetglass-items': '999',
    }
    await call(dev, EXPORT.logs, otlpBytes('logs', 2), metadata)
    const id: BatchId = { edge: 'dev-uaenorth/0', epoch: 'e1', first: 7, last: 9 }
    expect(hub.batches[0]?.envelope).toMatchObject({ id, collectedAtMs, items: 2 })
  })

  it('keeps as much memory for a request as its sender announces', async () => {
    await hub.stop()
    const gate = { maxInFlightBytes: 1_048_576, maxWaitMs: 100 }
    hub = await startHub(certificates, { maxRequestSize: '1MiB' }, { gate })
    const open: (() => void)[] = []
    hub.consume = () => new Promise((resolve) => open.push(resolve))
    const message = otlpBytes('logs', 1)
    const announced = { 'fleetglass-bytes': String(message.length) }
    const calls = [1, 2, 3].map(() => call(dev, EXPORT.logs, message, announced))
    await expect.poll(() => open.length).toBe(3)
    // Who says nothing could send as much as is allowed, and that is not free.
    expect((await call(dev, EXPORT.logs, message)).code).toBe('UNAVAILABLE')
    for (const finish of open) finish()
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(['OK', 'OK', 'OK'])
  })

  it('passes a numbered request on although nothing is in it', async () => {
    await call(dev, EXPORT.logs, new Uint8Array(0), { 'fleetglass-batch-id': 'dev-uaenorth/0;e1;7;7' })
    expect(hub.batches[0]?.envelope.id?.first).toBe(7)
  })

  it.each([
    ['of another cluster', 'prd-uaenorth/0;e1;7;9'],
    ['of a cluster whose name only begins alike', 'dev-uaenorth2/0;e1;7;9'],
    ['that goes backwards', 'dev-uaenorth/0;e1;9;7'],
    ['of absurdly many records', 'dev-uaenorth/0;e1;0;9007199254740991'],
    ['with more than four parts', 'dev-uaenorth/0;e1;7;9;1'],
  ])('does not believe a number %s', async (_, id) => {
    const metadata = { 'fleetglass-batch-id': id, 'fleetglass-collected-at': '1' }
    expect((await call(dev, EXPORT.logs, otlpBytes('logs', 1), metadata)).code).toBe('OK')
    expect(hub.batches[0]?.envelope.id).toBeUndefined()
    expect(hub.batches[0]?.envelope.collectedAtMs).toBe(hub.batches[0]?.envelope.receivedAtMs)
    const { body } = await hub.metrics.render()
    expect(body).toContain('fleetglass_otlp_receiver_ignored_batch_ids_total{source_cluster="dev-uaenorth"} 1')
  })

  it('does not believe that something was collected in the future', async () => {
    const metadata = { 'fleetglass-batch-id': 'dev-uaenorth/0;e1;1;1', 'fleetglass-collected-at': '99999999999999' }
    await call(dev, EXPORT.logs, otlpBytes('logs', 1), metadata)
    expect(hub.batches[0]?.envelope.collectedAtMs).toBe(hub.batches[0]?.envelope.receivedAtMs)
  })

  it('takes remote write 2.0 from edges', async () => {
    const payload = remoteWriteBytes(3)
    expect((await call(dev, WRITE_METRICS, payload)).code).toBe('OK')
    expect(hub.batches[0]?.envelope).toMatchObject({ signal: 'metrics', format: 'remote-write-2', items: 3 })
  })

  it('says which records it has when it has a part of them', async () => {
    const id: BatchId = { edge: 'dev-uaenorth/0', epoch: 'e1', first: 7, last: 20 }
    const held = [
      { first: 7, last: 8 },
      { first: 12, last: 12 },
    ]
    hub.consume = () => Promise.reject(new PartlyStoredError(id, held))
    expect(await call(dev, EXPORT.logs, otlpBytes('logs', 1))).toMatchObject({
      code: 'ALREADY_EXISTS',
      stored: '7-8,12-12',
    })
  })
})

describe('reports of edges', () => {
  const report: EdgeReport = {
    edge: 'dev-uaenorth/0',
    version: '0.1.0',
    startedAtMs: 1,
    sentAtMs: 2,
    queue: { bytes: 3, limitBytes: 4, records: 5, oldestAtMs: 6 },
    dropped: { full: 7 },
    lastError: { atMs: 8, message: 'hub away' },
  }
  const encode = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

  it('are handed on with the identity of the sender', async () => {
    expect((await call(dev, REPORT, encode({ ...report, somethingNewer: true }))).code).toBe('OK')
    expect(hub.reports).toEqual([['dev-uaenorth', report]])
  })

  it.each([
    ['that speak for another cluster', 'PERMISSION_DENIED', encode({ ...report, edge: 'prd-uaenorth/0' })],
    ['that lack something', 'INVALID_ARGUMENT', encode({ edge: 'dev-uaenorth/0' })],
    ['that are no JSON', 'INVALID_ARGUMENT', Buffer.from('{')],
    ['that are far too large', 'RESOURCE_EXHAUSTED', encode({ ...report, version: 'x'.repeat(100_000) })],
  ])('are refused %s', async (_, code, bytes) => {
    expect((await call(dev, REPORT, bytes)).code).toBe(code)
    expect(hub.reports).toEqual([])
  })
})

/** Whether the server speaks HTTP/2 (it sends its settings first), and how the connection ended if not. */
async function probe(address: ListenAddress, options: tls.ConnectionOptions): Promise<string> {
  const socket = tls.connect({ ...options, host: '127.0.0.1', port: address.port, servername: 'localhost' })
  let answer = ''
  socket.on('data', (data: Buffer) => {
    answer = `${String(data.length > 0)} data`
    socket.destroy()
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    answer = error.code ?? error.message
  })
  await new Promise((resolve) => socket.on('close', resolve))
  return answer
}

describe('connections of others', () => {
  const cases: readonly (readonly [
    who: string,
    reason: RefusalReason,
    certificate: () => Promise<Partial<CertificateSet>>,
  ])[] = [
    ['without a certificate', 'no_certificate', () => Promise.resolve({ ca: certificates.ca })],
    [
      'of another authority that uses the same names',
      'unknown_authority',
      async () => ({ ...(await (await createFleetCertificates()).edge('dev-uaenorth')), ca: certificates.ca }),
    ],
    ['with an expired certificate', 'expired', () => certificates.edge('dev-uaenorth', { ageMs: 2 * DAY_MS })],
    ['with a certificate of the future', 'not_yet_valid', () => certificates.edge('dev-uaenorth', { ageMs: -DAY_MS })],
  ]

  it.each(cases)('are closed without a byte: %s', async (_, reason, certificate) => {
    const options = await certificate()
    expect(await probe(hub.grpc, { ...options, ALPNProtocols: ['h2'] })).not.toContain('data')
    await expect(sendHttp(hub.http, { ...LOGS, tls: { ca: certificates.ca, ...options } })).rejects.toThrow()
    expect(hub.refusals.map((refusal) => [refusal.reason, refusal.remote])).toEqual([
      [reason, '127.0.0.1'],
      [reason, '127.0.0.1'],
    ])
    expect((await hub.metrics.render()).body).toContain(`fleetglass_otlp_receiver_refusals_total{reason="${reason}"} 2`)
    expect(hub.batches).toEqual([])
    expect((await call(dev, EXPORT.logs, otlpBytes('logs', 1))).code).toBe('OK')
  })

  it('are refused in the handshake when they speak an older TLS, or none', async () => {
    await probe(hub.grpc, { ...dev, maxVersion: 'TLSv1.2', ALPNProtocols: ['h2'] })
    const plain = net.connect(hub.http.port, '127.0.0.1')
    plain.on('error', () => undefined)
    plain.write('POST /v1/logs HTTP/1.1\r\nhost: x\r\n\r\n')
    plain.resume()
    await once(plain, 'close')
    expect(hub.refusals.map(({ reason }) => reason)).toEqual(['handshake', 'handshake'])
  })

  it('do not come back on the strength of an old session', async () => {
    const sessions: Buffer[] = []
    const options = { ...dev, host: '127.0.0.1', port: hub.http.port, servername: 'localhost' }
    const first = tls.connect(options)
    first.on('session', (session) => sessions.push(session))
    first.write('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    first.resume()
    await once(first, 'close')
    const [session] = sessions
    const second = tls.connect(session === undefined ? options : { ...options, session })
    await once(second, 'secureConnect')
    expect(second.isSessionReused()).toBe(false)
    second.destroy()
  })

  it('are refused when one certificate opens too many', async () => {
    await hub.stop()
    hub = await startHub(certificates, { maxConnectionsPerClient: 2 })
    const other = await certificates.edge('dev-uaenorth')
    const clients = [dev, dev, other].map((certificate) => createGrpcClient(hub.grpc, certificate))
    for (const client of clients) expect((await client.call(EXPORT.logs, otlpBytes('logs', 1))).code).toBe('OK')
    expect(await probe(hub.grpc, { ...dev, ALPNProtocols: ['h2'] })).not.toContain('data')
    expect(hub.refusals.map(({ reason }) => reason)).toEqual(['too_many_connections'])
    for (const client of clients) client.close()
    await expect.poll(() => probe(hub.grpc, { ...dev, ALPNProtocols: ['h2'] })).toContain('data')
  })
})

describe('senders with a certificate that the fleet does not know', () => {
  const cases: readonly (readonly [string, RefusalReason, string, () => Promise<CertificateSet>])[] = [
    ['of an unknown cluster', 'unknown_cluster', 'fleet file', () => certificates.edge('prd-nowhere')],
    ['that names no cluster', 'no_identity', 'names no cluster', () => Promise.resolve(certificates.hub)],
    [
      'that has no SPIFFE id',
      'no_identity',
      'no URI',
      () => certificates.issue({ dnsNames: ['dev-uaenorth'], days: 1 }),
    ],
  ]

  it.each(cases)('are told what to do: %s', async (_, reason, text, certificate) => {
    const tls = await certificate()
    const answer = await call(tls, EXPORT.logs, otlpBytes('logs', 1))
    expect(answer).toMatchObject({ code: 'PERMISSION_DENIED', retryAfterMs: undefined })
    expect(answer.message).toContain(text)
    expect((await sendHttp(hub.http, { ...LOGS, tls })).status).toBe(403)
    expect(hub.refusals.map((refusal) => [refusal.reason, refusal.remote])).toEqual([
      [reason, '127.0.0.1'],
      [reason, '127.0.0.1'],
    ])
    expect(hub.batches).toEqual([])
  })

  it('are let in, or out, by a change of the fleet, over the same connection', async () => {
    const client = createGrpcClient(hub.grpc, dev)
    const send = async (): Promise<string> => (await client.call(EXPORT.logs, otlpBytes('logs', 1))).code
    expect(await send()).toBe('OK')
    hub.fleet.delete('dev-uaenorth')
    expect(await send()).toBe('PERMISSION_DENIED')
    hub.fleet.set('dev-uaenorth', { ...DEV, region: 'elsewhere' })
    expect(await send()).toBe('OK')
    expect(hub.batches.map(({ envelope }) => envelope.identity.region)).toEqual(['uaenorth', 'elsewhere'])
    client.close()
  })

  it('are no longer known when the certificate ends, although the connection is open', () => {
    let now = 1_000
    const identify = createCertificateIdentity({
      trustDomain: 'test-fleet',
      lookup: () => DEV,
      clock: { now: () => now, sleep: () => Promise.resolve() },
    })
    const der = new Uint8Array(Buffer.from(dev.cert.replace(/-----[^-]+-----|\s/g, ''), 'base64'))
    const peer = { der, notAfterMs: 5_000, serial: '1', fingerprint: 'f' }
    expect(identify(peer)).toEqual({ t: 'known', identity: DEV })
    now = 5_000
    expect(identify(peer)).toMatchObject({ t: 'refused', reason: 'expired', error: { code: 'unauthenticated' } })
  })
})

describe('rotation', () => {
  it('takes new certificates and a new authority without a restart', async () => {
    const next = await createFleetCertificates()
    const nextDev = await next.edge('dev-uaenorth')
    hub.receiver.setCertificates({ ...next.hub, ca: `${certificates.ca}\n${next.ca}` })
    // While both authorities stand in the file, edges of both generations get in, if they trust the new hub.
    expect((await call({ ...dev, ca: next.ca }, EXPORT.logs, otlpBytes('logs', 1))).code).toBe('OK')
    expect((await call(nextDev, EXPORT.logs, otlpBytes('logs', 1))).code).toBe('OK')
    expect((await sendHttp(hub.http, { ...LOGS, tls: nextDev })).status).toBe(200)
    hub.receiver.setCertificates(next.hub)
    expect(await sendHttp(hub.http, { ...LOGS, tls: { ...dev, ca: next.ca } }).catch(() => 'refused')).toBe('refused')
  })

  it('keeps the old certificates if the new ones cannot be used', async () => {
    expect(() => {
      hub.receiver.setCertificates({ ...certificates.hub, key: dev.key })
    }).toThrow(AppError)
    expect((await call(dev, EXPORT.logs, otlpBytes('logs', 1))).code).toBe('OK')
    expect((await sendHttp(hub.http, { ...LOGS, tls: dev })).status).toBe(200)
  })

  it('loses no request when old connections end', async () => {
    await hub.stop()
    hub = await startHub(certificates, { maxConnectionAge: '200ms' })
    const client = createGrpcClient(hub.grpc, dev)
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ...dev, servername: 'localhost' })
    const until = Date.now() + 10_000
    const sockets = new Set<unknown>()
    while (sockets.size < 5 && Date.now() < until) {
      expect((await client.call(EXPORT.logs, otlpBytes('logs', 1))).code).toBe('OK')
      expect((await sendHttp(hub.http, { ...LOGS, tls: dev, agent })).status).toBe(200)
      for (const list of Object.values(agent.freeSockets)) for (const socket of list ?? []) sockets.add(socket)
    }
    expect(sockets.size).toBe(5)
    client.close()
    agent.destroy()
  })
})
