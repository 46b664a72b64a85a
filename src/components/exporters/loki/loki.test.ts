import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { destinationSchema } from '../../../fleet/destinations/index.ts'
import type { Batch } from '../../../model/index.ts'
import type { Outcome } from '../../../pipeline/destination/index.ts'
import { arbitraryBatch, ns, otlpBatch, TEST_IDENTITY } from '../../../pipeline/destination/testing/payloads.ts'
import { cutToParts, deliver, testParts, TurnedClock } from '../../../pipeline/destination/testing/protocol-kit.ts'
import { createLokiProtocol } from './index.ts'
import { type LokiLine, type LokiOptions, LokiServer } from './testing/loki-server.ts'

const NOW = 1_790_000_000_123
const signal = new AbortController().signal
const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

type Protocol = ReturnType<typeof createLokiProtocol>

async function start(
  settings: object = {},
  options: Partial<LokiOptions> = {},
): Promise<{ loki: LokiServer; protocol: Protocol }> {
  const loki = await LokiServer.start({ nowMs: NOW, ...options })
  const parsed = destinationSchema.parse({ type: 'loki', url: loki.http.url, ...settings })
  if (parsed.type !== 'loki') throw new Error('unreachable')
  const protocol = createLokiProtocol(parsed, testParts({ PASSWORD: 'secret' }, new TurnedClock(NOW)))
  open.push(loki.http, protocol)
  return { loki, protocol }
}

const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } })

function logs(resource: readonly object[], ...logRecords: readonly object[]): Batch {
  return otlpBatch('logs', {
    resourceLogs: [{ resource: { attributes: resource }, scopeLogs: [{ scope: { name: 'lib' }, logRecords }] }],
  })
}

const record = (stringValue: string, more: object = {}): object => ({
  timeUnixNano: ns(NOW),
  body: { stringValue },
  ...more,
})

async function linesOf(batch: Batch, settings: object = {}): Promise<readonly LokiLine[]> {
  const { loki, protocol } = await start(settings)
  const { undelivered } = await deliver(protocol, [batch], NOW)
  expect(undelivered).toEqual({})
  expect(loki.disorder).toBe(0)
  return loki.lines
}

async function send(protocol: Protocol, batch: Batch): Promise<Outcome> {
  const [request] = protocol.encode([batch], NOW).requests
  if (request === undefined) throw new Error('there is no request')
  return protocol.send(request, signal)
}

const CANONICAL = {
  cluster: 'prd-uaenorth',
  environment: 'prd',
  region: 'uaenorth',
  cluster_type: 'workload',
  tenant_id: 'prd',
}

describe('log records as lines', () => {
  it('have labels, a line, and structured metadata', async () => {
    const full = record('out of money', {
      timeUnixNano: `${String(NOW)}456789`,
      observedTimeUnixNano: ns(NOW + 5),
      severityNumber: 17,
      severityText: 'ERROR',
      traceId: Buffer.alloc(16, 1),
      spanId: Buffer.alloc(8, 2),
      flags: 1,
      attributes: [
        text('http.route', '/pay'),
        { key: 'user', value: { kvlistValue: { values: [text('name', 'ann')] } } },
      ],
    })
    const resource = [text('service.name', 'shop'), text('k8s.namespace.name', 'prod'), text('host.name', 'node-1')]
    expect(await linesOf(logs(resource, full))).toEqual([
      {
        tenant: 'fake',
        labels: { ...CANONICAL, service_name: 'shop', k8s_namespace_name: 'prod' },
        timeNs: BigInt(NOW) * 1_000_000n + 456_789n,
        line: 'out of money',
        metadata: {
          host_name: 'node-1',
          scope_name: 'lib',
          http_route: '/pay',
          user_name: 'ann',
          severity_text: 'ERROR',
          severity_number: '17',
          trace_id: '01'.repeat(16),
          span_id: '02'.repeat(8),
          flags: '1',
          observed_timestamp: `${String(NOW + 5)}000000`,
        },
      },
    ])
  })

  it('are told by the service that their labels point to', async () => {
    const [byApp] = await linesOf(logs([text('app', 'shop')], record('a')))
    expect(byApp?.labels['service_name']).toBe('shop')
    const [unknown] = await linesOf(logs([], record('a')))
    expect(unknown?.labels['service_name']).toBe('unknown_service')
  })

  it('have the labels that the Collector hints at, besides the usual ones', async () => {
    const resource = [text('loki.resource.labels', 'job, team'), text('job', 'a"b\\c\n'), text('team', 'sre')]
    const [line] = await linesOf(logs([...resource, text('service.name', 'shop')], record('a')))
    expect(line?.labels).toMatchObject({ job: 'a"b\\c\n', team: 'sre', service_name: 'shop' })
    expect(line?.metadata).toEqual({ scope_name: 'lib' })
  })

  it('have the labels that they were pushed with in the form of Loki, and no others', async () => {
    const resource = [
      text('fleetglass.stream.labels', 'app,service_name'),
      text('app', 'shop'),
      text('service_name', 'checkout'),
      text('k8s.pod.name', 'pod-1'),
    ]
    const [line] = await linesOf(logs(resource, record('a')))
    expect(line?.labels).toEqual({ ...CANONICAL, app: 'shop', service_name: 'checkout' })
    expect(line?.metadata).toEqual({ scope_name: 'lib', k8s_pod_name: 'pod-1' })
  })

  it('have no more labels than allowed: the important ones stay, the others become metadata', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `label.${String(i)}`)
    const [line] = await linesOf(
      logs(
        names.map((name) => text(name, 'x')),
        record('a'),
      ),
      { labels: names },
    )
    expect(Object.keys(line?.labels ?? {})).toHaveLength(15)
    expect(line?.labels).toMatchObject({ ...CANONICAL, label_0: 'x' })
    expect(line?.metadata).toMatchObject({ label_19: 'x' })
  })

  it('are in order within their stream, and those of the same time stay in their order', async () => {
    const at = (ms: number, body: string): object => record(body, { timeUnixNano: ns(NOW + ms) })
    const lines = await linesOf(logs([], at(3, 'd'), at(1, 'a'), at(2, 'b'), at(2, 'c')))
    expect(lines.map(({ line }) => line)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('are cut where they are too long, and say so', async () => {
    const long = 'ä'.repeat(200_000)
    const many = Array.from({ length: 300 }, (_, i) => text(`key${String(i)}`, 'v'))
    const [line] = await linesOf(logs([], record(long, { attributes: many })))
    expect(Buffer.byteLength(line?.line ?? '')).toBe(262_144)
    expect(line?.line.endsWith('ä')).toBe(true)
    expect(line?.metadata).toMatchObject({ fleetglass_line_bytes: '400000', fleetglass_metadata_cut: '175' })
    const [big] = await linesOf(
      logs([], record('a', { attributes: [text('big', 'x'.repeat(70_000)), text('small', 'y')] })),
    )
    expect(big?.metadata).toEqual({ scope_name: 'lib', small: 'y', fleetglass_metadata_cut: '1' })
  })

  it('that Loki would not take for their time are counted', async () => {
    const { protocol } = await start()
    const at = (ms: number): object => record('a', { timeUnixNano: ns(NOW + ms) })
    const day = 86_400_000
    const { undelivered, requests } = protocol.encode([logs([], at(-8 * day), at(11 * 60_000), at(-6 * day))], NOW)
    expect(undelivered).toEqual([
      { reason: 'too_old', items: 1 },
      { reason: 'too_far_ahead', items: 1 },
    ])
    expect(requests[0]?.items).toBe(1)
  })
})

describe('tenants', () => {
  it('go into the header, and batches of different ones do not meet', async () => {
    const { loki, protocol } = await start({ orgId: { from: 'tenant' } }, { tenants: true })
    const envelope = logs([], record('a')).envelope
    expect(protocol.groupBy?.(envelope)).toBe('prd')
    expect(protocol.groupBy?.({ ...envelope, identity: { ...TEST_IDENTITY, tenant: 'dev' } })).toBe('dev')
    await send(protocol, logs([], record('a')))
    expect(loki.lines[0]?.tenant).toBe('prd')
  })

  it('may be the same for all; without one Loki refuses', async () => {
    const fixed = await start({ orgId: 'team-a' }, { tenants: true })
    await send(fixed.protocol, logs([], record('a')))
    expect(fixed.loki.lines[0]?.tenant).toBe('team-a')
    const { protocol } = await start({}, { tenants: true })
    expect((await send(protocol, logs([], record('a')))).t).toBe('misconfigured')
  })

  it('authorizes', async () => {
    const { loki, protocol } = await start({ auth: { basic: { username: 'u', password: { env: 'PASSWORD' } } } })
    await send(protocol, logs([], record('a')))
    expect(loki.http.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('u:secret').toString('base64')}`)
  })
})

describe('what Loki answers', () => {
  it.each([
    [204, 'delivered'],
    [200, 'delivered'],
    [260, 'misconfigured'],
    [400, 'refused'],
    [401, 'misconfigured'],
    [403, 'misconfigured'],
    [404, 'misconfigured'],
    [413, 'too-large'],
    [429, 'retry'],
    [500, 'retry'],
    [502, 'retry'],
    [503, 'retry'],
    [504, 'retry'],
  ] as const)('HTTP status %i: %s', async (status, t) => {
    const { loki, protocol } = await start()
    loki.http.misbehave({ status })
    expect((await send(protocol, logs([], record('a')))).t).toBe(t)
  })

  it.each(['reset', 'half-answer'] as const)('%s', async (misbehaviour) => {
    const { loki, protocol } = await start()
    loki.http.misbehave(misbehaviour)
    const { delivered } = await deliver(protocol, [logs([], record('a'))], NOW)
    expect(delivered).toBe(1)
  })

  it('waits as long as it is told', async () => {
    const { loki, protocol } = await start()
    loki.http.misbehave({ status: 429, headers: { 'retry-after': '3' } })
    expect(await send(protocol, logs([], record('a')))).toMatchObject({ t: 'retry', afterMs: 3_000 })
  })

  it('after a 400, good lines arrive and the bad one is put aside', async () => {
    // What the fleet file allows is more than this Loki takes.
    const { loki, protocol } = await start({ limits: { lineBytes: '1MiB' } })
    const batch = logs([], record('a'), record('b'.repeat(300_000)), record('c'))
    const { delivered, undelivered, putAside } = await deliver(protocol, [batch], NOW)
    expect({ delivered, undelivered }).toEqual({ delivered: 2, undelivered: { http_400: 1 } })
    expect(putAside).toHaveLength(1)
    // Loki stores the same line at the same time once.
    expect(new Set(loki.lines.map(({ line }) => line))).toEqual(new Set(['a', 'c']))
  })
})

it('takes logs only', async () => {
  const { protocol } = await start()
  expect([protocol.takes('logs', 'otlp'), protocol.takes('traces', 'otlp'), protocol.takes('metrics', 'otlp')]).toEqual(
    [true, false, false],
  )
})

it('delivers or counts any log records, and cuts without loss', async () => {
  const { protocol } = await start()
  let seen = 0
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryBatch('logs', NOW), { maxLength: 3 }), async (batches) => {
      const items = batches.reduce((sum, { envelope }) => sum + envelope.items, 0)
      seen += items
      const { delivered, undelivered, putAside } = await deliver(protocol, batches, NOW)
      expect(delivered + Object.values(undelivered).reduce((sum, count) => sum + count, 0)).toBe(items)
      expect(putAside).toEqual([])
      for (const request of protocol.encode(batches, NOW).requests) {
        expect(cutToParts(request)).toHaveLength(request.items)
      }
    }),
    { numRuns: 50 },
  )
  expect(seen).toBeGreaterThan(0)
})
