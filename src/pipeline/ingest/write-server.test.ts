import http from 'node:http'
import net from 'node:net'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { snappyCompress } from '../../wire/index.ts'
import { HttpError, httpStatusOf } from './http-error.ts'
import { DEV, type SendOptions, startWriteRig, type WriteRig } from './testing/write-rig.ts'
import type { WriteRoute } from './write-route.ts'

const gzip = promisify<zlib.InputType, Buffer>(zlib.gzip)
const deflate = promisify<zlib.InputType, Buffer>(zlib.deflate)
const deflateRaw = promisify<zlib.InputType, Buffer>(zlib.deflateRaw)

const MIB = 1_048_576
const ENCODINGS = ['gzip', 'deflate', 'zstd', 'snappy'] as const

/** Says how large a body is that it got, and for whom. */
const echo: WriteRoute = {
  receiver: 'echo',
  methods: ['POST', 'PUT'],
  path: /^\/echo$/,
  handle: async (request) => {
    const { cluster } = request.identity()
    const body = await request.body({ maxBytes: MIB, encodings: ENCODINGS })
    return { status: 200, body: `${cluster} ${String(body.length)}` }
  },
  refuse: (error) => ({ status: httpStatusOf(error), body: `${error.code}: ${error.message}` }),
}
const held: (() => void)[] = []
const hold: WriteRoute = {
  ...echo,
  path: /^\/hold$/,
  handle: async (request) => {
    await request.body({ maxBytes: MIB, encodings: [] })
    await new Promise<void>((resolve) => held.push(resolve))
    return { status: 204 }
  },
}
const bytesPerSecond = 1_000

let rig: WriteRig
beforeEach(async () => {
  rig = await startWriteRig(() => [echo, hold], { gate: { maxInFlightBytes: 3 * MIB } })
})
afterEach(() => rig.stop())

describe('bodies', () => {
  it.each<[string, string | undefined, () => Promise<Uint8Array> | Uint8Array]>([
    ['plain', undefined, () => Buffer.alloc(1_000)],
    ['identity', 'identity', () => Buffer.alloc(1_000)],
    ['gzip', 'gzip', () => gzip(Buffer.alloc(1_000))],
    ['gzip in capitals', 'GZIP', () => gzip(Buffer.alloc(1_000))],
    ['deflate', 'deflate', () => deflate(Buffer.alloc(1_000))],
    ["deflate without zlib's header", 'deflate', () => deflateRaw(Buffer.alloc(1_000))],
    ['snappy', 'snappy', () => snappyCompress(Buffer.alloc(1_000))],
    ['nothing', 'gzip', () => new Uint8Array(0)],
  ])('takes %s', async (what, encoding, compress) => {
    const headers: Record<string, string> = encoding === undefined ? {} : { 'content-encoding': encoding }
    const size = what === 'nothing' ? '0' : '1000'
    expect(await rig.send('/echo', { body: await compress(), headers })).toMatchObject({
      status: 200,
      body: `dev-uaenorth ${size}`,
    })
  })

  it.each<[string, string, () => Promise<Uint8Array> | Uint8Array]>([
    ['gzip', 'gzip', () => gzip(Buffer.alloc(100 * MIB))],
    ['deflate', 'deflate', () => deflate(Buffer.alloc(100 * MIB))],
    ['snappy', 'snappy', () => snappyCompress(Buffer.alloc(20 * MIB))],
    ['a snappy block that declares 4 GiB', 'snappy', () => Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)],
    ['one byte too many', 'gzip', () => gzip(Buffer.alloc(MIB + 1))],
  ])('refuses a bomb of %s with 413', async (_what, encoding, compress) => {
    const answer = await rig.send('/echo', { body: await compress(), headers: { 'content-encoding': encoding } })
    expect(answer.status).toBe(413)
    expect(rig.rejected).toEqual([expect.objectContaining({ source: 'echo', reason: 'too_large', items: 1 })])
    expect(answer.headers['retry-after']).toBeUndefined()
    expect(rig.gate.inFlightBytes).toBe(0)
  })

  it('takes what shrinks more than most, up to the limit', async () => {
    const body = await gzip(Buffer.alloc(MIB))
    expect((await rig.send('/echo', { body, headers: { 'content-encoding': 'gzip' } })).status).toBe(200)
    expect(rig.gate.inFlightBytes).toBe(0)
  })

  it.each([
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['zstd', 'zstd'],
    ['snappy', 'snappy'],
  ])('refuses broken %s with 400', async (_what, encoding) => {
    const body = Buffer.from('\x30\x10\x99\xffnot compressed at all')
    expect((await rig.send('/echo', { body, headers: { 'content-encoding': encoding } })).status).toBe(400)
  })

  it('refuses another compression with 415, and says what it takes', async () => {
    const answer = await rig.send('/echo', { body: 'x', headers: { 'content-encoding': 'br' } })
    expect(answer).toMatchObject({ status: 415, headers: { 'accept-encoding': ENCODINGS.join(', ') } })
  })

  it('gives up on a body that comes too slowly or not at all', async () => {
    await rig.stop()
    rig = await startWriteRig(() => [echo], { receiveTimeoutMs: 100 })
    const socket = net.connect(rig.port, '127.0.0.1')
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc')
    const answer = await new Promise<string>((resolve) => {
      socket.once('data', (chunk) => {
        resolve(chunk.toString())
      })
    })
    expect(answer).toContain('504')
    expect(rig.gate.inFlightBytes).toBe(0)
    socket.destroy()
  })

  it('gives the memory back when the sender goes away', async () => {
    const request = http.request({
      port: rig.port,
      path: '/echo',
      method: 'POST',
      headers: { 'content-length': 5_000 },
    })
    request.on('error', () => undefined)
    request.write('abc')
    await expect.poll(() => rig.gate.inFlightBytes).toBe(5_000)
    request.destroy()
    await expect.poll(() => rig.gate.inFlightBytes).toBe(0)
  })
})

describe('addresses', () => {
  it('knows its routes and their methods', async () => {
    expect((await rig.send('/nope')).status).toBe(404)
    expect(await rig.send('/echo', { method: 'GET' })).toMatchObject({ status: 405, headers: { allow: 'POST, PUT' } })
    expect((await rig.send('/echo?x=1', { method: 'PUT', body: 'abc' })).body).toBe('dev-uaenorth 3')
  })

  it.each(['//echo', '/echo/', '/./echo', '/%65cho', '/ECHO', '/echo;x', '/echo%00'])(
    'is not fooled by %s',
    async (path) => {
      expect((await rig.send(path)).status).toBe(404)
    },
  )

  it('tells senders of errors how to go on', async () => {
    await rig.stop()
    const errors = [
      new AppError('unavailable', 'x', { retryAfterMs: 2_300 }),
      new AppError('exhausted', 'x'),
      new AppError('internal', 'x'),
      new AppError('unauthenticated', 'x'),
      new HttpError('invalid', 'x', { status: 418, headers: { 'x-tea': 'pot' } }),
    ]
    const routes = errors.map((error, i) => ({
      ...echo,
      path: new RegExp(`^/${String(i)}$`),
      handle: () => Promise.reject(error),
    }))
    rig = await startWriteRig(() => routes)
    const answers = await Promise.all(errors.map((_, i) => rig.send(`/${String(i)}`)))
    expect(answers.map(({ status, headers }) => [status, headers['retry-after']])).toEqual([
      [503, '3'],
      [429, '1'],
      [500, undefined],
      [401, undefined],
      [418, undefined],
    ])
    expect(answers[3]?.headers['www-authenticate']).toContain('Bearer')
    expect(answers[4]?.headers['x-tea']).toBe('pot')
  })
})

describe('for whom a request is written', () => {
  const prd = { ...DEV, cluster: 'prd-uaenorth', tenant: 'prd' }
  const two = { ...DEV, cluster: 'dev-two' }
  const as = async (...entries: [string, string | string[]][]): Promise<string | number> => {
    const options: SendOptions = { body: 'x', headers: Object.fromEntries(entries) }
    const { status, body } = await rig.send('/echo', options)
    return status === 200 ? (body.split(' ')[0] ?? '') : status
  }

  it('a credential for one cluster needs no header, and obeys one', async () => {
    expect(await as()).toBe('dev-uaenorth')
    expect(await as(['X-Scope-OrgID', 'dev'])).toBe('dev-uaenorth')
    expect(await as(['X-Fleetglass-Cluster', 'dev-uaenorth'])).toBe('dev-uaenorth')
    expect(await as(['X-Scope-OrgID', 'prd'])).toBe(403)
    expect(await as(['X-Fleetglass-Cluster', 'prd-uaenorth'])).toBe(403)
  })

  it('headers choose among the clusters of a credential', async () => {
    rig.granted = [DEV, two, prd]
    expect(await as()).toBe(400)
    expect(await as(['X-Scope-OrgID', 'prd'])).toBe('prd-uaenorth')
    expect(await as(['X-Scope-OrgID', 'dev'])).toBe(400)
    expect(await as(['X-Scope-OrgID', 'dev'], ['X-Fleetglass-Cluster', 'dev-two'])).toBe('dev-two')
    expect(await as(['X-Scope-OrgID', 'prd'], ['X-Fleetglass-Cluster', 'dev-two'])).toBe(403)
    expect(await as(['X-Scope-OrgID', 'DEV'])).toBe(403)
  })

  it.each([
    ['several tenants', 'dev|prd'],
    ['nobody', ''],
    ['a parent', '..'],
    ['an escaped parent', '%2e%2e'],
    ['151 bytes', 'a'.repeat(151)],
    ['a colon', 'dev:x'],
    ['a tab', 'd\tev'],
  ])('refuses a header that names %s with 400', async (_what, tenant) => {
    expect(await as(['X-Scope-OrgID', tenant])).toBe(400)
  })

  it('refuses a header that stands twice, even if it says the same', async () => {
    expect(await as(['X-Scope-OrgID', ['dev', 'dev']])).toBe(400)
    expect(await as(['X-Fleetglass-Cluster', ['dev-uaenorth', 'dev-uaenorth']])).toBe(400)
  })
})

describe('the gate', () => {
  it('asks a sender that is over its rate to come back, and lets others in', async () => {
    await rig.stop()
    const limited = { bytesPerSecond, burstBytes: bytesPerSecond }
    const rateOf = (cluster: string): typeof limited | undefined => (cluster === DEV.cluster ? limited : undefined)
    rig = await startWriteRig(() => [echo], { gate: { rateOf } })
    expect((await rig.send('/echo', { body: Buffer.alloc(4_000) })).status).toBe(200)
    const refused = await rig.send('/echo', { body: 'x' })
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '3'])
    rig.granted = [{ ...DEV, cluster: 'other' }]
    expect((await rig.send('/echo', { body: 'x' })).status).toBe(200)
  })

  it('refuses before anything is short, and takes up again with a distance', async () => {
    await rig.stop()
    let usage = 0.5
    const source = { name: 'memory', usage: () => usage, high: 0.9, low: 0.7, retryAfterMs: 7_000 }
    rig = await startWriteRig(() => [echo], { gate: { pressure: [source] } })
    const look = async (now: number): Promise<number> => {
      usage = now
      await new Promise((resolve) => setTimeout(resolve, 260))
      return (await rig.send('/echo', { body: 'x' })).status
    }
    expect([await look(0.8), await look(0.9), await look(0.8), await look(0.6)]).toEqual([200, 503, 503, 200])
    const { body } = await rig.metrics.render()
    expect(body).toContain('fleetglass_ingest_short_of_room{what="memory"} 0')
  })

  // Ten times as much as there is room for: bounded memory, refusals that say when to come back, and all is well after.
  it('holds under overload', async () => {
    const body = Buffer.alloc(MIB / 2)
    let most = 0
    const watching = setInterval(() => {
      most = Math.max(most, rig.gate.inFlightBytes)
    }, 5)
    const herd = Array.from({ length: 40 }, () => rig.send('/hold', { body }))
    const isFull = (): boolean => held.length === 3
    await expect.poll(isFull).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 350))
    for (const finish of held.splice(0)) finish()
    const letGo = setInterval(() => {
      for (const finish of held.splice(0)) finish()
    }, 10)
    const answers = await Promise.all(herd)
    clearInterval(watching)
    clearInterval(letGo)
    const refused = answers.filter(({ status }) => status === 503)
    expect(answers.filter(({ status }) => status === 204).length).toBe(40 - refused.length)
    expect(refused.length).toBeGreaterThan(20)
    expect(refused.every(({ headers }) => Number(headers['retry-after']) >= 1)).toBe(true)
    // One cluster alone may hold half of the memory.
    expect(most).toBeLessThanOrEqual(1.5 * MIB)
    expect(rig.gate.inFlightBytes).toBe(0)
    expect((await rig.send('/echo', { body: 'x' })).status).toBe(200)
  })
})
