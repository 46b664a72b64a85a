import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { acceptsGzip } from './compression.ts'
import { createTestHub } from './testing/test-hub.ts'

const GZIP = { 'accept-encoding': 'gzip, deflate' }

describe('acceptsGzip', () => {
  it.each([
    ['gzip', true],
    ['br, GZIP;q=0.5', true],
    ['*', true],
    ['deflate, *;q=0.1', true],
    ['gzip;q=0, *', false],
    ['identity', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (header, expected) => {
    expect(acceptsGzip(header)).toBe(expected)
  })
})

describe('answers', () => {
  it('are packed for those that take it, and are the same', async () => {
    const hub = await createTestHub()
    const url = '/prometheus/api/v1/status/flags'
    const series = `/prometheus/api/v1/format_query?query=${encodeURIComponent(`{a="${'x'.repeat(3_000)}"}`)}`
    const plain = await hub.app.inject({ url: series, headers: hub.headers('dev') })
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.headers.vary).toBe('accept-encoding')
    const packed = await hub.app.inject({ url: series, headers: { ...hub.headers('dev'), ...GZIP } })
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 10)
    expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body)
    const small = await hub.app.inject({ url, headers: { ...hub.headers('dev'), ...GZIP } })
    expect(small.headers['content-encoding']).toBe(small.rawPayload.length < 1_400 ? undefined : 'gzip')
    await hub.app.close()
  })

  it('of files are packed as well, but not of what is packed already', async () => {
    const consoleDir = await mkdtemp(join(tmpdir(), 'console-'))
    await writeFile(join(consoleDir, 'index.html'), '<p>console</p>'.repeat(500))
    await writeFile(join(consoleDir, 'logo.png'), Buffer.alloc(5_000))
    const hub = await createTestHub({ consoleDir })
    const page = await hub.app.inject({ url: '/', headers: GZIP })
    expect(page.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
    expect(gunzipSync(page.rawPayload).toString()).toBe('<p>console</p>'.repeat(500))
    expect((await hub.app.inject({ url: '/' })).body).toBe('<p>console</p>'.repeat(500))
    const picture = await hub.app.inject({ url: '/logo.png', headers: GZIP })
    expect(picture.headers['content-encoding']).toBeUndefined()
    expect(picture.rawPayload.length).toBe(5_000)
    await hub.app.close()
  })
})
