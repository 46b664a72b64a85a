import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../core/index.ts'
import {
  clusterByAuthority,
  clusterOfSpiffeId,
  clusterSpiffeId,
  loadTlsFiles,
  openPki,
  type Pki,
  readSpiffeId,
  type TlsPaths,
} from './index.ts'

const DAY_MS = 86_400_000
const HUB = { spiffeId: 'spiffe://test-fleet/hub', dnsNames: ['hub.test'], ips: ['127.0.0.1', '::1'], days: 1 }

async function makePki(trustDomain = 'test-fleet', offsetMs = 0): Promise<Pki> {
  const clock: Clock = { now: () => Date.now() + offsetMs, sleep: () => Promise.resolve() }
  return await openPki(await mkdtemp(join(tmpdir(), 'pki-')), { trustDomain, clock })
}

async function issue(pki: Pki, name: string, days = 1): Promise<TlsPaths> {
  return (await pki.ensureCertificate(name, { spiffeId: clusterSpiffeId(pki.trustDomain, name), days })).paths
}

interface Outcome {
  /** What the server made of the client: its cluster, or the code by which TLS refused it. */
  readonly server: string
  readonly client: string
}

/** One connection over mutual TLS 1.3 as hub and edge make it. */
async function shake(hub: TlsPaths, edge: TlsPaths, servername = 'hub.test'): Promise<Outcome> {
  const tls = { minVersion: 'TLSv1.3' as const }
  const server = createServer({ ...tls, ...(await loadTlsFiles(hub)), requestCert: true, rejectUnauthorized: true })
  const seen = new Promise<string>((resolve) => {
    server.on('secureConnection', (socket: TLSSocket) => {
      resolve(clusterOfSpiffeId(readSpiffeId(socket.getPeerCertificate().raw), 'test-fleet'))
      socket.end('hello')
    })
    server.on('tlsClientError', (_reason, socket) => {
      // The error itself is only ever "connection reset"; why stands on the socket.
      resolve(String(socket.authorizationError))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect({ ...tls, ...(await loadTlsFiles(edge)), host: '127.0.0.1', port, servername })
  const ended = new Promise<string>((resolve) => {
    client.setEncoding('utf8')
    client.on('data', (data: unknown) => {
      resolve(`${client.getProtocol() ?? ''} ${String(data)}`)
    })
    // With TLS 1.3 a client learns only after its own handshake that it was refused: the server hangs up.
    client.on('close', () => {
      resolve('closed')
    })
    client.on('error', (reason: NodeJS.ErrnoException) => {
      resolve(reason.code ?? reason.message)
    })
  })
  const outcome = { client: await ended, server: await seen }
  client.destroy()
  server.close()
  return outcome
}

async function readDer(path: string): Promise<Uint8Array> {
  return new X509Certificate(await readFile(path)).raw
}

describe('mutual TLS with certificates of this authority', () => {
  it('lets an edge in and tells which cluster speaks', async () => {
    const pki = await makePki()
    const hub = (await pki.ensureCertificate('hub', HUB)).paths
    const edge = await issue(pki, 'dev-uaenorth')
    const good = { client: 'TLSv1.3 hello', server: 'dev-uaenorth' }
    expect(await shake(hub, edge)).toEqual(good)
    expect((await shake(hub, edge, 'other.test')).client).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  })

  it('refuses an edge of another authority that has the same name', async () => {
    const pki = await makePki()
    const hub = (await pki.ensureCertificate('hub', HUB)).paths
    const stranger = await issue(await makePki(), 'dev-uaenorth')
    const outcome = await shake(hub, { ...stranger, ca: hub.ca })
    expect(outcome).toEqual({ client: 'closed', server: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  })

  it('refuses an edge whose certificate has ended', async () => {
    const past = await makePki('test-fleet', -2 * DAY_MS)
    const hub = (await past.ensureCertificate('hub', { ...HUB, days: 30 })).paths
    const edge = await issue(past, 'dev-uaenorth', 1)
    expect((await shake(hub, edge)).server).toBe('CERT_HAS_EXPIRED')
  })

  it('refuses an edge whose certificate has not begun', async () => {
    const pki = await makePki('test-fleet', -3_600_000)
    const hub = (await pki.ensureCertificate('hub', HUB)).paths
    const ahead = await openPki(join(hub.ca, '..'), {
      trustDomain: 'test-fleet',
      clock: { now: () => Date.now() + 3_600_000, sleep: () => Promise.resolve() },
    })
    expect((await shake(hub, await issue(ahead, 'dev-uaenorth'))).server).toBe('CERT_NOT_YET_VALID')
  })

  it('still knows whose certificate has ended, and is not fooled by another authority', async () => {
    const past = await makePki('test-fleet', -2 * DAY_MS)
    const edge = await issue(past, 'dev-uaenorth', 1)
    const stranger = await issue(await makePki(), 'dev-uaenorth', 1)
    const ca = (await loadTlsFiles(edge)).ca
    expect(clusterByAuthority(await readDer(edge.cert), ca, 'test-fleet')).toBe('dev-uaenorth')
    expect(clusterByAuthority(await readDer(edge.cert), ca, 'other')).toBeUndefined()
    expect(clusterByAuthority(await readDer(stranger.cert), ca, 'test-fleet')).toBeUndefined()
    expect(clusterByAuthority(new Uint8Array([1]), ca, 'test-fleet')).toBeUndefined()
    const both = Buffer.concat([(await loadTlsFiles(stranger)).ca, ca])
    expect(clusterByAuthority(await readDer(edge.cert), both, 'test-fleet')).toBe('dev-uaenorth')
  })

  it('does not take the hub for an edge', async () => {
    const pki = await makePki()
    const { paths } = await pki.ensureCertificate('hub', HUB)
    const der = await readDer(paths.cert)
    expect(() => clusterOfSpiffeId(readSpiffeId(der), 'test-fleet')).toThrow('names no cluster')
  })
})
