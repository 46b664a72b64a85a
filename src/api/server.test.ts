import { EventEmitter, once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, get, type IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createAccess } from '../access/index.ts'
import { fleetSnapshotSchema } from '../contract/index.ts'
import { AppError, createMetrics, silentLogger } from '../core/index.ts'
import { createHttpApi, type HttpApi, type HttpApiOptions, type QueryRunner } from './index.ts'
import { createTestHub } from './testing/test-hub.ts'

let consoleDir: string

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), 'console-'))
  consoleDir = join(root, 'dist')
  await mkdir(join(consoleDir, 'assets'), { recursive: true })
  await writeFile(join(root, 'secret.txt'), 'secret')
  await writeFile(join(consoleDir, 'index.html'), '<html>console</html>')
  await writeFile(join(consoleDir, 'assets', 'index-abc123.js'), 'run()')
})

describe('the console', () => {
  const html = { accept: 'text/html,*/*' }
  const any = { accept: '*/*' }
  const cases: [string, Record<string, string>, number, string][] = [
    ['/', html, 200, 'console'],
    ['/', any, 200, 'console'],
    ['/index.html', any, 200, 'console'],
    ['/clusters/dev-uaenorth?tab=logs', html, 200, 'console'],
    ['/clusters/dev-uaenorth', any, 404, 'not found'],
    ['/assets/index-abc123.js', any, 200, 'run()'],
    ['/assets/missing.js', html, 404, 'not found'],
    ['/api/v1/unknown', html, 404, 'not found'],
    ['/prometheus/unknown', html, 404, 'not found'],
    ['/../secret.txt', any, 404, 'not found'],
    ['/assets/../../secret.txt', any, 404, 'not found'],
    ['/assets/..%2f..%2fsecret.txt', any, 404, 'not found'],
    ['/%2e%2e/secret.txt', any, 404, 'not found'],
    ['/%252e%252e/secret.txt', any, 404, 'not found'],
    ['/..\\secret.txt', any, 404, 'not found'],
    ['/index.html%00.txt', any, 404, 'not found'],
    ['//index.html', any, 404, 'not found'],
  ]
  it.each(cases)('GET %s with %o', async (url, headers, status, text) => {
    const { app } = await createTestHub({ consoleDir })
    const response = await app.inject({ url, headers })
    expect(response.statusCode).toBe(status)
    expect(response.body).toContain(text)
    expect(response.headers['x-content-type-options']).toBe('nosniff')
  })

  it('sends what a browser should hold to', async () => {
    const { app } = await createTestHub({ consoleDir })
    const page = await app.inject({ url: '/', headers: html })
    expect(page.headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8' })
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    const script = await app.inject({ url: '/assets/index-abc123.js' })
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  it.each([{}, { 'accept-encoding': 'gzip' }])(
    'answers 404 for a file that a new build has removed, with %o',
    async (more) => {
      const dir = await mkdtemp(join(tmpdir(), 'console-'))
      await mkdir(join(dir, 'assets'))
      await writeFile(join(dir, 'index.html'), 'old')
      await writeFile(join(dir, 'assets', 'page-old.js'), 'old()')
      const { app } = await createTestHub({ consoleDir: dir })
      await rm(join(dir, 'assets', 'page-old.js'))
      await writeFile(join(dir, 'index.html'), 'new')
      await writeFile(join(dir, 'assets', 'page-new.js'), 'new()')
      const gone = await app.inject({ url: '/assets/page-old.js', headers: { ...any, ...more } })
      expect(gone.statusCode).toBe(404)
      expect(gone.body).toContain('/assets/page-old.js is gone: the console was built again')
      expect(gone.headers['cache-control']).toBe('no-store')
      expect(gone.headers['content-encoding']).toBeUndefined()
      // What was built instead is there without a restart.
      expect((await app.inject({ url: '/', headers: html })).body).toBe('new')
      expect((await app.inject({ url: '/assets/page-new.js', headers: any })).body).toBe('new()')
    },
  )

  it('says so when it is not built', async () => {
    const { app } = await createTestHub()
    expect((await app.inject({ url: '/' })).body).toBe('the console is not built: run npm run build')
  })
})

describe('the state of the program', () => {
  it('is alive, and ready or not', async () => {
    const { app } = await createTestHub({ readiness: () => ['the engine starts', 'no certificate'] })
    expect((await app.inject({ url: '/healthz' })).body).toBe('ok\n')
    const ready = await app.inject({ url: '/readyz' })
    expect([ready.statusCode, ready.body]).toEqual([503, 'the engine starts\nno certificate\n'])
    const hub = await createTestHub()
    expect((await hub.app.inject({ url: '/readyz' })).statusCode).toBe(200)
  })

  it('has metrics and the fleet', async () => {
    const hub = await createTestHub()
    const headers = hub.headers('all')
    await hub.app.inject({ url: '/prometheus/api/v1/query?query=1', headers })
    const metrics = await hub.app.inject({ url: '/metrics', headers })
    expect(metrics.body).toContain('fleetglass_http_request_duration_seconds_count{route="/prometheus/api/v1/query"')
    const fleet = await hub.app.inject({ url: '/api/v1/fleet', headers })
    expect(fleetSnapshotSchema.parse(fleet.json()).clusters).toHaveLength(2)
  })
})

describe('errors of the runner', () => {
  const cases: [AppError, number, string][] = [
    [new AppError('timeout', 'query timed out in expression evaluation'), 503, 'timeout'],
    [new AppError('exhausted', 'too many queries are waiting', { retryAfterMs: 1_500 }), 429, 'too_many_requests'],
    [new AppError('unavailable', 'the query worker ended while it had the query'), 503, 'unavailable'],
    [new AppError('internal', 'a secret of ours'), 500, 'internal'],
  ]
  it.each(cases)('%s', async (error, status, errorType) => {
    const runner: QueryRunner = { run: () => Promise.reject(error), close: () => Promise.resolve() }
    const hub = await createTestHub({ runner })
    const response = await hub.app.inject({ url: '/prometheus/api/v1/query?query=1', headers: hub.headers('dev') })
    expect(response.statusCode).toBe(status)
    expect(response.json()).toMatchObject({ status: 'error', errorType })
    expect(response.body).not.toContain('secret')
    expect(response.headers['retry-after']).toBe(error.retryAfterMs === undefined ? undefined : '2')
  })
})

async function serve(changes: Partial<HttpApiOptions> = {}): Promise<HttpApi> {
  const everything = { name: 'all', tenants: 'all', role: 'admin', tokens: [] } as const
  const api = createHttpApi({
    listen: { host: '127.0.0.1', port: 0 },
    runner: { run: () => Promise.reject(new AppError('internal', 'unused')), close: () => Promise.resolve() },
    access: await createAccess({ teams: [], anonymous: everything }),
    fleet: () => Promise.reject(new AppError('unavailable', 'unused')),
    metrics: createMetrics(),
    consoleDir,
    readiness: () => [],
    log: silentLogger(),
    ...changes,
  })
  await api.start(AbortSignal.timeout(5_000))
  return api
}

describe('a listening server', () => {
  it('stops within a second though clients keep their connections, and twice', async () => {
    const api = await serve()
    const agent = new Agent({ keepAlive: true })
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ port: api.port, path: '/healthz', agent }, resolve).on('error', reject)
    })
    response.resume()
    const before = performance.now()
    await api.shutdown(AbortSignal.timeout(5_000))
    await api.shutdown(AbortSignal.timeout(5_000))
    expect(performance.now() - before).toBeLessThan(1_000)
    agent.destroy()
  })

  it('cancels the query when the client goes away', async () => {
    const events = new EventEmitter()
    const [started, cancelled] = [once(events, 'started'), once(events, 'cancelled')]
    const runner: QueryRunner = {
      run: (_request, _scope, signal) =>
        new Promise((_, reject) => {
          events.emit('started')
          signal.addEventListener('abort', () => {
            events.emit('cancelled', signal.reason)
            reject(AppError.from(signal.reason))
          })
        }),
      close: () => Promise.resolve(),
    }
    const api = await serve({ runner })
    const request = get({ port: api.port, path: '/prometheus/api/v1/query?query=1' })
    request.on('error', () => undefined)
    await started
    request.destroy()
    expect(await cancelled).toMatchObject([{ code: 'cancelled' }])
    await api.shutdown(AbortSignal.timeout(5_000))
  })

  it('names the address when the port is taken', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const address = holder.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await expect(serve({ listen: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`127.0.0.1:${String(port)}`) as string,
    })
    holder.close()
  })

  it('refuses large headers', async () => {
    const api = await serve()
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ port: api.port, path: '/healthz', headers: { x: 'a'.repeat(20_000) } }, resolve).on('error', reject)
    })
    expect(response.statusCode).toBe(431)
    response.resume()
    await api.shutdown(AbortSignal.timeout(5_000))
  })
})
