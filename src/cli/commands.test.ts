import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FleetSnapshot } from '../contract/index.ts'
import { createMetrics, silentLogger, systemClock } from '../core/index.ts'
import { createDeadLetterWriters } from '../pipeline/dead-letters/index.ts'
import { checkConfigFile } from './config.ts'
import { registerCommands } from './index.ts'
import { renderStatus } from './status.ts'

/** A hub that gives one answer to everything and keeps the requests. */
interface FakeHub {
  readonly url: string
  readonly requests: { readonly url: URL; readonly headers: IncomingMessage['headers'] }[]
  answer: { readonly status: number; readonly body: string }
}

let server: Server
let hub: FakeHub
beforeEach(async () => {
  server = createServer((request, response) => {
    hub.requests.push({ url: new URL(request.url ?? '', hub.url), headers: request.headers })
    response.writeHead(hub.answer.status, { location: 'http://127.0.0.1:1/' }).end(hub.answer.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  hub = { url: `http://127.0.0.1:${String(port)}`, requests: [], answer: { status: 200, body: '' } }
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  server.closeAllConnections()
  server.close()
})

/** What the command writes to stdout. */
async function run(...args: string[]): Promise<string> {
  let text = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  const program = new Command('fleetglass').exitOverride().configureOutput({ writeErr: () => undefined })
  registerCommands(program, '.', () => () => ({ texts: [], items: 0, dropped: 0 }))
  await program.parseAsync(['node', 'fleetglass', ...args])
  return text
}

function answer(status: number, body: unknown): void {
  hub.answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body) }
}

describe('fleetglass query', () => {
  const vector = { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [1, '3'] }] } }

  it('asks for the value now, for the tenants and with the token that were given', async () => {
    vi.stubEnv('FLEETGLASS_TOKEN', 'secret')
    answer(200, vector)
    expect(await run('query', 'sum(up)', '--hub', `${hub.url}/base/`, '--org', 'dev|stg')).toBe('value\n    3\n')
    const [request] = hub.requests
    expect(request?.url.pathname).toBe('/base/prometheus/api/v1/query')
    expect(request?.url.searchParams.get('query')).toBe('sum(up)')
    expect(request?.headers).toMatchObject({ 'x-scope-orgid': 'dev|stg', authorization: 'Bearer secret' })
  })

  it('asks for a range in steps that fall on multiples of themselves', async () => {
    answer(200, { status: 'success', data: { resultType: 'matrix', result: [] } })
    expect(await run('query', 'up', '--hub', hub.url, '--range', '1h')).toBe('no series\n')
    await run('query', 'up', '--hub', hub.url, '--range', '1h', '--step', '5m')
    const steps = hub.requests.map(({ url }) =>
      ['start', 'end', 'step'].map((name) => Number(url.searchParams.get(name))),
    )
    expect(steps.map(([start = 0, end = 0, step = 0]) => [(end - start) / step + 1, step, end % step])).toEqual([
      [60, 60, 0],
      [12, 300, 0],
    ])
  })

  it('prints the data as it came with --json', async () => {
    answer(200, vector)
    expect(JSON.parse(await run('query', 'up', '--hub', hub.url, '--json'))).toEqual(vector.data)
  })

  it('refuses a range that is none', async () => {
    await expect(run('query', 'up', '--range', 'soon')).rejects.toThrow('expected a duration')
  })

  const parseError = { status: 'error', errorType: 'bad_data', error: '1:3: parse error' }
  const noToken = 'who are you (put a token of your team into FLEETGLASS_TOKEN)'
  it.each([
    { what: 'a wrong expression', status: 400, body: parseError, code: 'invalid', message: '1:3: parse error' },
    {
      what: 'a missing token',
      status: 401,
      body: { message: 'who are you' },
      code: 'unauthenticated',
      message: noToken,
    },
    { what: 'no words', status: 503, body: '<html>', code: 'unavailable', message: 'answered 503 to /prometheus/api' },
    { what: 'another program', status: 200, body: '<html>', code: 'invalid', message: 'is it a hub?' },
    { what: 'another shape', status: 200, body: { status: 'success' }, code: 'internal', message: 'than expected' },
    { what: 'a redirect', status: 302, body: '', code: 'unavailable', message: 'is not reached' },
  ])('tells of $what', async ({ status, body, code, message }) => {
    answer(status, body)
    await expect(run('query', 'up', '--hub', hub.url)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    })
  })

  it('says which address and what to start when there is no hub', async () => {
    server.close()
    await expect(run('query', 'up', '--hub', hub.url)).rejects.toThrow(
      `no hub listens at ${hub.url}: start one with npm start`,
    )
    await expect(run('query', 'up', '--hub', 'ftp://x')).rejects.toThrow('is no address of a hub')
  })
})

const LEDGER = {
  nowMs: 10_000,
  current: true,
  balanced: true,
  clusters: [
    {
      cluster: 'dev',
      tenant: 'dev',
      balanced: true,
      signals: [
        {
          signal: 'logs',
          received: 12,
          stored: 7,
          deduplicated: 2,
          rejected: { too_old: 1 },
          queued: 2,
          difference: 0,
          expired: 3,
        },
      ],
      sources: [],
      edges: [],
    },
  ],
}

describe('ledger', () => {
  afterEach(() => {
    process.exitCode = undefined
  })

  it('prints the balance and ends well', async () => {
    hub.answer = { status: 200, body: JSON.stringify(LEDGER) }
    const lines = (await run('ledger', '--hub', hub.url)).split('\n')
    expect(lines[1]?.split(/ +/)).toEqual(['dev', 'logs', '12', '7', '2', '1', '2', '0', '3'])
    expect(process.exitCode).toBeUndefined()
  })

  it('ends with 1 when the books do not balance', async () => {
    const [cluster] = LEDGER.clusters
    hub.answer = {
      status: 200,
      body: JSON.stringify({ ...LEDGER, balanced: false, clusters: [{ ...cluster, balanced: false }] }),
    }
    expect(await run('ledger', '--hub', hub.url)).toContain('DO NOT BALANCE: dev')
    expect(process.exitCode).toBe(1)
    await expect(run('ledger', '--hub', hub.url, '--cluster', 'gone')).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('dead-letters', () => {
  const text = 'hello \u001b[31m'
  let state: string
  beforeEach(async () => {
    state = await mkdtemp(path.join(tmpdir(), 'fleetglass-cli-'))
    const writers = createDeadLetterWriters({
      directory: path.join(state, 'dead-letters'),
      clock: systemClock,
      log: silentLogger(),
      metrics: createMetrics(),
    })
    await writers({ consumer: 'store', limitBytes: 10_000 }).keep(
      {
        origin: { consumer: 'store', epoch: 'e', first: 3, last: 3 },
        atMs: 1_000,
        reason: 'corrupt',
        message: text,
        payload: Buffer.from('secret payload'),
      },
      new AbortController().signal,
    )
  })
  afterEach(() => rm(state, { recursive: true }))

  it('are listed, shown, marked and removed in a state directory', async () => {
    const list = await run('dead-letters', 'list', '--state', state)
    const name = /store\/\S+/.exec(list)?.[0] ?? ''
    expect(list).toContain('corrupt')
    expect(list).not.toContain('\u001b[31m')
    const shown = await run('dead-letters', 'show', name, '--state', state)
    expect(shown).toContain('"first": 3')
    expect(shown).not.toContain('secret payload')
    expect(await run('dead-letters', 'show', name, '--state', state, '--payload')).toContain('secret payload')
    expect(await run('dead-letters', 'replay', name, '--state', state)).toBe('1 letter to be delivered again\n')
    expect(await run('dead-letters', 'list', '--state', state)).toContain('replaying')
    expect(await run('dead-letters', 'discard', '--all', '--state', state)).toBe('1 letter discarded\n')
    expect(await run('dead-letters', 'list', '--state', state)).toBe('no dead letters\n')
    const gone = run('dead-letters', 'show', name, '--state', state)
    await expect(gone).rejects.toMatchObject({ code: 'not_found' })
  })

  it('of a running hub are moved over its API', async () => {
    hub.answer = { status: 200, body: JSON.stringify({ affected: 4 }) }
    expect(await run('dead-letters', 'replay', 'store', '--hub', hub.url)).toBe('4 letters to be delivered again\n')
    expect(hub.requests.at(-1)?.url.href).toContain('/api/v1/dead-letters/replay?consumer=store')
    await expect(run('dead-letters', 'replay', '--hub', hub.url)).rejects.toMatchObject({ code: 'invalid' })
  })
})

const snapshot: FleetSnapshot = {
  fleet: 'test',
  hub: { cluster: 'ops', version: '1', startedAtMs: 0, engine: 'embedded' },
  nowMs: 100_000,
  clusters: [
    {
      cluster: 'dev',
      environment: 'dev',
      region: 'r',
      clusterType: 'workload',
      tenant: 'dev',
      status: 'degraded',
      reason: 'Its certificate ends in 1 h. Issue a certificate.',
      sinceMs: 0,
      rates: { metrics: 1_240, logs: 0, traces: 9.84 },
      history: { startMs: 0, stepMs: 30_000, metrics: [], logs: [], traces: [], lagP50Ms: [], lagP99Ms: [] },
      lag: { p50Ms: 38, p99Ms: 1_840 },
      queue: { bytes: 2 * 2 ** 20, limitBytes: 2 ** 30, records: 7 },
      rejected: { perSecond: 0.5, total: { too_old: 30 }, recent: [] },
      overwritten: 0,
      ledger: {
        accepted: 10,
        stored: 10,
        forwardedOnly: 0,
        rejected: 0,
        queued: 0,
        deduplicated: 0,
        difference: 0,
        balanced: true,
      },
      deadLetters: 0,
      sends: [],
      certificate: { notBeforeMs: 0, notAfterMs: 3_700_000, serial: '01' },
      edges: [
        {
          edge: 'dev/0',
          version: '1',
          connected: true,
          heardAtMs: 99_000,
          queue: { bytes: 0, limitBytes: 1 },
          clockMs: 0,
        },
      ],
      heardAtMs: 99_000,
    },
    {
      cluster: 'prd',
      environment: 'prd',
      region: 'r',
      clusterType: 'workload',
      tenant: 'prd',
      status: 'silent',
      sinceMs: 60_000,
      rates: { metrics: 0, logs: 0, traces: 0 },
      history: { startMs: 0, stepMs: 30_000, metrics: [], logs: [], traces: [], lagP50Ms: [], lagP99Ms: [] },
      rejected: { perSecond: 0, total: {}, recent: [] },
      overwritten: 0,
      ledger: {
        accepted: 0,
        stored: 0,
        forwardedOnly: 0,
        rejected: 0,
        queued: 0,
        deduplicated: 0,
        difference: 0,
        balanced: true,
      },
      deadLetters: 0,
      sends: [],
      edges: [],
    },
  ],
  destinations: [],
  events: [],
  refusals: { total: { expired: 3 }, recent: [] },
}

describe('fleetglass status', () => {
  it('shows every cluster, what is missing as missing, and what is wrong in words', async () => {
    answer(200, snapshot)
    expect((await run('status', '--hub', hub.url)).split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual(
      [
        'Cluster | Status | Metrics | Logs | Spans | Lag p99 | Queue | Rejected | Ledger | Cert | Edges',
        'dev | degraded | 1.24 k/s | 0/s | 9.8/s | 1.84 s | 2 MiB | 0.5/s | balanced | 1 h 0 min | 1/1',
        'prd | silent | no data | no data | no data | unknown | unknown | 0 | nothing yet | unknown | 0/0',
        'dev: Its certificate ends in 1 h. Issue a certificate.',
        'refused since the hub started: 3 expired',
        '',
      ],
    )
  })

  it('prints the snapshot with --json', async () => {
    answer(200, snapshot)
    expect(JSON.parse(await run('status', '--hub', hub.url, '--json'))).toEqual(snapshot)
  })

  it('keeps its columns when it has colours', () => {
    const [, dev = '', prd = ''] = renderStatus(snapshot, true).split('\n')
    expect(dev).toContain('\u001b[33mdegraded\u001b[0m')
    expect(prd).toContain('\u001b[31msilent\u001b[0m')
    const plain = [dev, prd].map(stripVTControlCharacters)
    expect(plain).toEqual(renderStatus(snapshot, false).split('\n').slice(1, 3))
  })
})

describe('fleetglass config check', () => {
  const fleet = 'fleet: f\nhub: { cluster: ops }\nclusters: { dev: { environment: dev, region: r } }\n'
  const edge =
    'identity: { cluster: dev, environment: dev, region: r, tenant: dev }\nhub: { otlpGrpc: "h:1" }\ntls: { ca: a, cert: b, key: c }\nstateDir: s\nreceivers: { otlp: {} }\n'

  it.each([
    ['a fleet file', fleet, ['f.yaml: good, fleet f with 1 cluster'], []],
    ['an edge file', edge, ['f.yaml: good, edge of dev with otlp'], []],
    [
      'a fleet file with something without effect',
      `${fleet}scrubProfiles: { vendors: [email] }`,
      ['f.yaml: good, fleet f with 1 cluster'],
      ['f.yaml: scrubProfiles.vendors: warning: no destination names it in its scrub'],
    ],
  ])('finds %s good', (_what, text, [summary], warnings) => {
    expect(checkConfigFile('f.yaml', text)).toEqual({ summary, warnings })
  })

  it.each([
    [
      'a fleet file',
      fleet.replace('cluster: ops', 'clustr: ops'),
      ['f.yaml:2: hub.cluster: is missing: expected text', 'f.yaml:2: hub.clustr: unknown key: did you mean cluster?'],
    ],
    [
      'an edge file',
      edge.replace('"h:1"', 'h'),
      ['f.yaml:2: hub.otlpGrpc: expected host:port, such as hub.example.com:4317'],
    ],
    [
      'no YAML at all',
      'a: [',
      ['f.yaml:1: no valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
    ['nothing', '', ['f.yaml: the file is empty']],
  ])('finds every problem of %s', (_what, text, problems) => {
    expect(checkConfigFile('f.yaml', text)).toEqual({ problems })
  })

  it('ends with 2 and writes to stderr', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    await run('config', 'check', new URL('../../package.json', import.meta.url).pathname)
    expect(process.exitCode).toBe(2)
    process.exitCode = 0
    expect(String(stderr.mock.calls[0]?.[0])).toContain('package.json:')
    await expect(run('config', 'check', '/no/such/file')).rejects.toMatchObject({ code: 'not_found' })
  })
})
