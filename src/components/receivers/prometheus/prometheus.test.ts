import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError, systemClock } from '../../../core/index.ts'
import { type Exposer, openMetrics, startExposer, text } from './testing/exposer.ts'
import { identity, nameOf, parseConfig, type Scraping, startScraping, until, valuesOf } from './testing/scraping.ts'

const running: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop()
})

async function expose(answer: Exposer['answer']): Promise<Exposer> {
  const exposer = await startExposer(answer)
  running.push(() => exposer.close())
  return exposer
}

async function scrape(...args: Parameters<typeof startScraping>): Promise<Scraping> {
  const scraping = await startScraping(...args)
  running.push(() => scraping.stop())
  return scraping
}

describe('a scrape', () => {
  it('becomes one batch with its samples, metadata and report', async () => {
    const target = await expose(text('# HELP a_total Things.\n# TYPE a_total counter\na_total{x="1"} 5\nb 2 1000\n'))
    const before = Date.now()
    const { batch, batches, receiver, metric } = await scrape({ targets: [target.address] })
    const series = await batch(0)
    expect(batches[0]?.envelope).toMatchObject({ signal: 'metrics', format: 'remote-write-2', identity, items: 7 })
    expect(batches[0]?.envelope.id).toBeUndefined()
    const at = batches[0]?.envelope.collectedAtMs ?? 0
    expect(at).toBeGreaterThanOrEqual(before)

    const common = { job: 'test', instance: target.address }
    expect(series[0]).toEqual({
      labels: { __name__: 'a_total', x: '1', ...common },
      samples: [{ value: 5, timestampMs: at, startMs: 0 }],
      exemplars: [],
      metadata: { type: 'counter', help: 'Things.', unit: '' },
    })
    expect(Object.keys(series[0]?.labels ?? {})).toEqual(['__name__', 'instance', 'job', 'x'])
    expect(series[1]).toMatchObject({ labels: { __name__: 'b' }, samples: [{ value: 2, timestampMs: 1000 }] })
    expect(series[1]?.metadata).toBeUndefined()
    expect(valuesOf(series)).toMatchObject({
      up: 1,
      scrape_samples_scraped: 2,
      scrape_samples_post_metric_relabeling: 2,
      scrape_series_added: 2,
    })
    expect(valuesOf(series)['scrape_duration_seconds']).toBeGreaterThan(0)
    expect(valuesOf(await batch(1))).toMatchObject({ 'a_total{x="1"}': 5, scrape_series_added: 0 })
    expect(receiver.targets()).toMatchObject([
      { job: 'test', url: `http://${target.address}/metrics`, labels: common, health: 'up', samples: 2 },
    ])
    expect(await metric('fleetglass_scrape_targets{health="up"}')).toBe(1)
  })

  it('asks as Prometheus does', async () => {
    const target = await expose(text('a 1'))
    const { batch } = await scrape({
      targets: [target.address],
      path: '/probe?x',
      params: { module: ['a', 'b'] },
      relabel: [{ targetLabel: '__param_target', replacement: 'me' }],
      interval: '2s',
      timeout: '1500ms',
    })
    await batch(0)
    const [request] = target.requests
    expect(request?.url).toBe('/probe%3Fx?module=a&module=b&target=me')
    expect(request?.headers).toMatchObject({
      'accept-encoding': 'gzip',
      'x-prometheus-scrape-timeout-seconds': '1.5',
      'user-agent': 'fleetglass/1.2.3',
    })
    expect(request?.headers.accept).toMatch(
      /^application\/openmetrics-text;version=1\.0\.0.*text\/plain;version=0\.0\.4/,
    )
  })

  it('unpacks gzip', async () => {
    const target = await expose((response) => {
      response.setHeader('content-type', 'text/plain').setHeader('content-encoding', 'gzip').end(gzipSync('a 1\n'))
    })
    const { batch } = await scrape({ targets: [target.address] })
    expect(valuesOf(await batch(0))).toMatchObject({ a: 1, up: 1 })
  })

  it('takes creation times, exemplars and metadata from OpenMetrics', async () => {
    const target = await expose(
      openMetrics(
        [
          '# TYPE a_seconds histogram',
          '# UNIT a_seconds seconds',
          '# HELP a_seconds Time.',
          'a_seconds_bucket{x="1",le="1"} 1 # {trace_id="t",b="c"} 0.5 1700000000.125',
          'a_seconds_bucket{x="1",le="+Inf"} 2 # {} 7',
          'a_seconds_created{x="1"} 1600000000.5',
          'a_seconds_bucket{x="2",le="+Inf"} 3',
          '# TYPE b counter',
          'b_total 1 1700000000.001',
          'b_created 1.5 1700000000.001',
        ].join('\n'),
      ),
    )
    const { batch, batches } = await scrape({ targets: [target.address] })
    const series = await batch(0)
    const [one, two, created, other, total] = series
    const at = batches[0]?.envelope.collectedAtMs
    expect(one?.samples).toEqual([{ value: 1, timestampMs: at, startMs: 1_600_000_000_500 }])
    expect(one?.exemplars).toEqual([{ labels: { b: 'c', trace_id: 't' }, value: 0.5, timestampMs: 1_700_000_000_125 }])
    expect(one?.metadata).toEqual({ type: 'histogram', help: 'Time.', unit: 'seconds' })
    expect(two?.exemplars).toEqual([{ labels: {}, value: 7, timestampMs: at }])
    // The creation time stays a series too, as in Prometheus.
    expect(created?.samples).toMatchObject([{ value: 1_600_000_000.5 }])
    expect(other?.samples).toMatchObject([{ value: 3, startMs: 0 }])
    expect(total?.samples).toEqual([{ value: 1, timestampMs: 1_700_000_000_001, startMs: 1500 }])
    // An exemplar that is still the same is not told again.
    const again = await batch(1)
    expect(again.flatMap(({ exemplars }) => exemplars)).toEqual([])
    expect(again[0]?.samples[0]?.startMs).toBe(1_600_000_000_500)
  })

  it('takes OpenMetrics that is wrong in meaning only', async () => {
    const target = await expose(openMetrics('# TYPE a counter\na -1\n# TYPE a counter\n# TYPE h histogram\nh_sum 1'))
    const { batch } = await scrape({ targets: [target.address] })
    expect(valuesOf(await batch(0))).toMatchObject({ a: -1, h_sum: 1, up: 1 })
  })

  it('keeps quoted names', async () => {
    const target = await expose(text('# TYPE "my.metric" gauge\n{"my.metric","a.b"="c"} 1\n'))
    const { batch } = await scrape({ targets: [target.address] })
    const [series] = await batch(0)
    expect(series?.labels).toMatchObject({ __name__: 'my.metric', 'a.b': 'c' })
    expect(series?.metadata?.type).toBe('gauge')
  })

  it('drops repeated samples and those far in the future, and counts them', async () => {
    const future = String(Date.now() + 3_600_000)
    const target = await expose(
      text(`a 1\na 2\nb 1 1000\nb 2 2000\nb 3 2000\nc 1 ${future}\nd{x="1",y="2"} 1\nd{y="2",x="1"} 2\n`),
    )
    const { batch, metric, stop } = await scrape({ targets: [target.address] })
    const series = await batch(0)
    expect(series.map((one) => [nameOf(one), one.samples[0]?.value]).slice(0, 4)).toEqual([
      ['a', 1],
      ['b', 1],
      ['b', 2],
      ['d{x="1",y="2"}', 1],
    ])
    expect(valuesOf(series)).toMatchObject({ scrape_samples_scraped: 8, up: 1 })
    await stop()
    const scrapes = await metric('fleetglass_scrapes_total{job="test",outcome="ok"}')
    expect(await metric('fleetglass_scrape_samples_rejected_total{job="test",reason="duplicate"}')).toBe(3 * scrapes)
    expect(await metric('fleetglass_scrape_samples_rejected_total{job="test",reason="out_of_bounds"}')).toBe(scrapes)
  })

  it('ignores explicit timestamps without honorTimestamps', async () => {
    const target = await expose(text('a 1 1000\n'))
    const { batch, batches } = await scrape({ targets: [target.address], honorTimestamps: false })
    expect((await batch(0))[0]?.samples[0]?.timestampMs).toBe(batches[0]?.envelope.collectedAtMs)
  })
})

describe('labels', () => {
  const exposition = text('a{job="mine",cluster="theirs",x="1",exported_job="old"} 1\n')
  const group = (address: string): object => ({ targets: [address], labels: { x: 'target', env: 'test' } })

  it('of the target win, and the hub keeps its own', async () => {
    const target = await expose(exposition)
    const { batch } = await scrape({ targets: [group(target.address)] })
    expect((await batch(0))[0]?.labels).toEqual({
      __name__: 'a',
      env: 'test',
      exported_cluster: 'theirs',
      exported_exported_job: 'mine',
      exported_job: 'old',
      exported_x: '1',
      instance: target.address,
      job: 'test',
      x: 'target',
    })
  })

  it('that were scraped win with honorLabels', async () => {
    const target = await expose(exposition)
    const { batch } = await scrape({ targets: [group(target.address)], honorLabels: true })
    expect((await batch(0))[0]?.labels).toEqual({
      __name__: 'a',
      cluster: 'theirs',
      env: 'test',
      exported_job: 'old',
      instance: target.address,
      job: 'mine',
      x: '1',
    })
  })

  it('are relabeled, of targets and of series', async () => {
    const target = await expose(text('a{keep="1"} 1\nb{tmp="2"} 2\nc 3\n'))
    const { batch, receiver } = await scrape({
      targets: ['no.such.host:1', 'dropped:1'],
      relabel: [
        { sourceLabels: ['__address__'], regex: 'dropped:.*', action: 'drop' },
        { sourceLabels: ['__address__'], targetLabel: 'host', regex: '([^.]*)\\..*' },
        { targetLabel: '__address__', replacement: target.address },
        { targetLabel: '__metrics_path__', replacement: '/other' },
        { targetLabel: '__tmp', replacement: 'x' },
      ],
      metricRelabel: [
        { sourceLabels: ['__name__'], regex: 'c', action: 'drop' },
        { sourceLabels: ['tmp'], regex: '(.+)', targetLabel: 'made' },
        { regex: 'tmp', action: 'labeldrop' },
      ],
    })
    expect(valuesOf(await batch(0))).toMatchObject({
      'a{host="no",keep="1"}': 1,
      'b{host="no",made="2"}': 2,
      'scrape_samples_scraped{host="no"}': 3,
      'scrape_samples_post_metric_relabeling{host="no"}': 2,
    })
    expect(target.requests[0]?.url).toBe('/other')
    expect(receiver.targets().map(({ labels }) => labels)).toEqual([
      { host: 'no', instance: target.address, job: 'test' },
    ])
  })
})

describe('staleness', () => {
  it('marks series that go away, and takes up those that come back', async () => {
    const target = await expose(text('a 1\nb 2\nc 3 1000\n'))
    const { batch, find, batches } = await scrape({ targets: [target.address] })
    await batch(0)
    target.answer = text('a 1\n')
    const marked = valuesOf(await find(1, (series) => valuesOf(series)['b'] === 'stale'))
    expect(marked).toMatchObject({ a: 1, b: 'stale', up: 1 })
    // Its own timestamps say how old it is.
    expect(marked).not.toHaveProperty('c')
    const next = valuesOf(await batch(batches.length))
    expect(next).not.toHaveProperty('b')
    target.answer = text('a 1\nb 5\n')
    expect(valuesOf(await find(1, (series) => valuesOf(series)['b'] === 5))).toMatchObject({ scrape_series_added: 1 })
  })

  it('does not mark a series that another spelling goes on with', async () => {
    const target = await expose(text('a{x="1",y="2"} 1\n'))
    const { batch, batches, find } = await scrape({ targets: [target.address] })
    await batch(0)
    target.answer = text('a{y="2",x="1"} 2\n')
    await find(1, (series) => valuesOf(series)['a{x="1",y="2"}'] === 2)
    for (let i = 0; i < batches.length; i++) expect(Object.values(valuesOf(await batch(i)))).not.toContain('stale')
  })

  it.each<readonly [string, Exposer['answer'], RegExp]>([
    ['an error', (response) => response.writeHead(503).end(), /503/],
    ['a broken exposition', text('a 1\nb 2\nb{ 3\n'), /line 3, column 4/],
    [
      'a broken gzip',
      (response) => response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end('no'),
      /header/,
    ],
    ['a foreign type', text('<html>', 'text/html'), /text\/html/],
    ['no end', text('a 1\n', 'application/openmetrics-text'), /# EOF/],
    ['a hang-up', (response) => response.destroy(), /hang up|aborted|reset/i],
    [
      'a body cut short',
      (response) =>
        response
          .writeHead(200, { 'content-type': 'text/plain', 'content-length': '99' })
          .write('a 1\n', () => response.destroy()),
      /aborted|terminated|premature/i,
    ],
  ])('marks all of a target that answers with %s', async (_, answer, error) => {
    const target = await expose(text('a 1\nb 2\n'))
    const { batch, find, receiver } = await scrape({ targets: [target.address] })
    await batch(0)
    target.answer = answer
    expect(valuesOf(await find(1, (series) => valuesOf(series)['up'] === 0))).toMatchObject({ a: 'stale', b: 'stale' })
    await until(() => receiver.targets()[0]?.health === 'down', 'the state')
    expect(receiver.targets()[0]?.lastError).toMatch(error)
    // Once is enough.
    const again = await find(2, (series) => valuesOf(series)['up'] === 0 && !('a' in valuesOf(series)))
    expect(valuesOf(again)).toMatchObject({ scrape_series_added: expect.any(Number) as number })
    target.answer = text('a 1\n')
    await find(3, (series) => valuesOf(series)['a'] === 1)
  })

  it('marks all when nobody listens any more', async () => {
    const target = await startExposer(text('a 1\n'))
    const { batch, find } = await scrape({ targets: [target.address] })
    await batch(0)
    await target.close()
    expect(valuesOf(await find(1, (series) => valuesOf(series)['up'] === 0))).toMatchObject({ a: 'stale' })
  })

  it('marks everything, the report too, when the receiver shuts down', async () => {
    const target = await expose(text('a 1\n'))
    const { batch, batches, stop } = await scrape({ targets: [target.address] })
    await batch(0)
    await stop()
    expect(valuesOf(await batch(batches.length - 1))).toEqual({
      a: 'stale',
      up: 'stale',
      scrape_duration_seconds: 'stale',
      scrape_samples_scraped: 'stale',
      scrape_samples_post_metric_relabeling: 'stale',
      scrape_series_added: 'stale',
    })
    const count = batches.length
    await stop()
    await systemClock.sleep(150)
    expect(batches).toHaveLength(count)
  })

  it('marks a target that is removed, and leaves the others in peace', async () => {
    const [one, two] = [await expose(text('a 1\n')), await expose(text('b 1\n'))]
    const job = { job: 'test', interval: '60ms', targets: [one.address, two.address] }
    const { receiver, find, batches } = await scrape(job)
    const has = (name: string): Promise<unknown> => find(0, (series) => valuesOf(series)[name] === 1)
    await Promise.all([has('a'), has('b')])
    const from = batches.length
    await receiver.apply(parseConfig({ jobs: [{ ...job, targets: [two.address] }] }))
    expect(valuesOf(await find(from, (series) => 'a' in valuesOf(series)))).toMatchObject({ a: 'stale', up: 'stale' })
    expect(receiver.targets().map(({ labels }) => labels['instance'])).toEqual([two.address])
    await find(batches.length, (series) => valuesOf(series)['b'] === 1)
  })

  it('does not mark a target that is only scraped otherwise from now on', async () => {
    const target = await expose(text('a 1\n'))
    const job = { job: 'test', interval: '60ms', targets: [target.address] }
    const { receiver, batch, batches, find } = await scrape(job)
    await batch(0)
    await receiver.apply(parseConfig({ jobs: [{ ...job, sampleLimit: 5 }] }))
    await find(batches.length, (series) => valuesOf(series)['a'] === 1)
    for (let i = 0; i < batches.length; i++) expect(Object.values(valuesOf(await batch(i)))).not.toContain('stale')
  })
})

describe('limits', () => {
  it.each([
    [
      'sampleLimit',
      { sampleLimit: 2 },
      'a 1\nb 2\nc 3\n',
      { scrape_samples_scraped: 3, scrape_samples_post_metric_relabeling: 3 },
    ],
    ['labelLimit', { labelLimit: 3 }, 'a{x="1"} 1\n', { scrape_samples_scraped: 1 }],
    ['labelNameLengthLimit', { labelNameLengthLimit: 8 }, 'a{long_name="1"} 1\n', {}],
    ['labelValueLengthLimit', { labelValueLengthLimit: 30 }, `a{x="${'é'.repeat(20)}"} 1\n`, {}],
    ['bodySizeLimit', { bodySizeLimit: '1KiB' }, `# ${'x'.repeat(2000)}\na 1\n`, { scrape_samples_scraped: 0 }],
  ])('%s fails the whole scrape', async (_, limit, body, report) => {
    const target = await expose((response) => {
      response.setHeader('content-type', 'text/plain').setHeader('content-encoding', 'gzip').end(gzipSync(body))
    })
    const { batch, receiver, metric } = await scrape({ targets: [target.address], ...limit })
    const values = valuesOf(await batch(0))
    expect(Object.keys(values)).toHaveLength(5)
    expect(values).toMatchObject({ up: 0, ...report })
    expect(receiver.targets()[0]?.lastError).toBeDefined()
    expect(await metric('fleetglass_scrapes_total{job="test",outcome="too_large"}')).toBeGreaterThan(0)
  })

  it('a job of more targets than its limit does not start', async () => {
    await expect(startScraping({ targets: ['a:1', 'b:1'], targetLimit: 1 })).rejects.toMatchObject({
      code: 'too_large',
    })
  })

  it('slow targets are given up in time', async () => {
    const target = await expose((response) => response.writeHead(200, { 'content-type': 'text/plain' }).write('a 1\n'))
    const { batch, receiver } = await scrape({ targets: [target.address], timeout: '40ms' })
    expect(valuesOf(await batch(0))).toMatchObject({ up: 0 })
    expect(receiver.targets()[0]?.lastError).toMatch(/within 40 ms/)
  })

  it('a shutdown does not wait for a slow target', async () => {
    const target = await expose(() => undefined)
    const { stop, batches } = await scrape({ targets: [target.address], interval: '30s', timeout: '30s' })
    const started = Date.now()
    await stop()
    expect(Date.now() - started).toBeLessThan(2_000)
    expect(batches).toEqual([])
  })
})

describe('credentials', () => {
  it('are sent, and read from where the config says', async () => {
    process.env['FLEETGLASS_TEST_TOKEN'] = 's3cret'
    const target = await expose(text('a 1\n'))
    const { batch } = await scrape({ targets: [target.address], bearerToken: { env: 'FLEETGLASS_TEST_TOKEN' } })
    await batch(0)
    const basic = await scrape({
      targets: [target.address],
      basicAuth: { username: 'me', password: { env: 'FLEETGLASS_TEST_TOKEN' } },
    })
    await basic.batch(0)
    const sent = new Set(target.requests.map(({ headers }) => headers.authorization))
    expect(sent).toEqual(new Set(['Bearer s3cret', `Basic ${Buffer.from('me:s3cret').toString('base64')}`]))
  })

  it('do not follow a redirect to another host; without them it is followed', async () => {
    process.env['FLEETGLASS_TEST_TOKEN'] = 's3cret'
    const elsewhere = await expose(text('a 1\n'))
    const target = await expose((response) =>
      response.writeHead(302, { location: `http://${elsewhere.address}/x` }).end(),
    )
    const { batch } = await scrape({ targets: [target.address], bearerToken: { env: 'FLEETGLASS_TEST_TOKEN' } })
    expect(valuesOf(await batch(0))).toMatchObject({ up: 0 })
    expect(elsewhere.requests).toEqual([])
    const open = await scrape({ targets: [target.address] })
    expect(valuesOf(await open.batch(0))).toMatchObject({ a: 1, up: 1 })
    const never = await scrape({ targets: [target.address], followRedirects: false })
    expect(valuesOf(await never.batch(0))).toMatchObject({ up: 0 })
  })

  it('that are missing fail the scrape with a word about it', async () => {
    const target = await expose(text('a 1\n'))
    const { batch, receiver } = await scrape({ targets: [target.address], bearerToken: { file: '/no/such/file' } })
    expect(valuesOf(await batch(0))).toMatchObject({ up: 0 })
    expect(receiver.targets()[0]?.lastError).toMatch(/no\/such\/file/)
    expect(target.requests).toEqual([])
  })
})

describe('a pipeline that refuses', () => {
  it('for the moment gets the scrapes later, in order', async () => {
    let isFull = true
    let value = 0
    const target = await expose((response, request) => {
      value += 1
      text(`a ${String(value)}\n`)(response, request)
    })
    const consume = (): Promise<void> =>
      isFull ? Promise.reject(new AppError('exhausted', 'disk full')) : Promise.resolve()
    const { batch, metric } = await scrape({ targets: [target.address] }, { consume })
    await until(() => value >= 4, 'scrapes')
    expect(await metric('fleetglass_scrape_pending_bytes')).toBeGreaterThan(0)
    isFull = false
    const values = await Promise.all([0, 1, 2, 3].map(async (i) => valuesOf(await batch(i))['a']))
    expect(values).toEqual([1, 2, 3, 4])
    expect(await metric('fleetglass_scrape_batches_deferred_total{code="exhausted"}')).toBeGreaterThanOrEqual(3)
  })

  it('for long loses the oldest scrapes, within the limit, and they are counted', async () => {
    let isFull = true
    let value = 0
    const target = await expose((response, request) => {
      value += 1
      text(`a ${String(value)}\n`)(response, request)
    })
    const consume = (): Promise<void> =>
      isFull ? Promise.reject(new AppError('unavailable', 'away')) : Promise.resolve()
    const { batch, metric } = await scrape({ targets: [target.address] }, { consume, config: { pendingLimit: '2KiB' } })
    await until(() => value >= 8, 'scrapes')
    expect(await metric('fleetglass_scrape_pending_bytes')).toBeLessThanOrEqual(2048)
    isFull = false
    const first = Number(valuesOf(await batch(0))['a'])
    expect(first).toBeGreaterThan(1)
    expect(valuesOf(await batch(1))['a']).toBe(first + 1)
    expect(await metric('fleetglass_scrape_samples_dropped_total{reason="pending_full"}')).toBe(6 * (first - 1))
  })

  it('for good loses that scrape only', async () => {
    let refusals = 1
    const target = await expose(text('a 1\n'))
    const consume = (): Promise<void> =>
      refusals-- > 0 ? Promise.reject(new AppError('too_large', 'too large')) : Promise.resolve()
    const { batch, metric } = await scrape({ targets: [target.address] }, { consume })
    await batch(0)
    expect(await metric('fleetglass_scrape_samples_dropped_total{reason="too_large"}')).toBe(6)
  })
})

describe('the receiver', () => {
  it('spreads its targets over the interval', async () => {
    const targets = await Promise.all(Array.from({ length: 8 }, () => expose(text('a 1\n'))))
    const started = Date.now()
    const { batches } = await scrape({ targets: targets.map(({ address }) => address), interval: '800ms' })
    await until(() => batches.length >= 8, 'all targets')
    const times = batches.slice(0, 8).map(({ envelope }) => envelope.collectedAtMs - started)
    expect(Math.max(...times)).toBeLessThan(1_200)
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(200)
  })

  it('shuts down before start, starts once, and starts again', async () => {
    const target = await expose(text('a 1\n'))
    const { receiver, batch, batches, stop } = await scrape({ targets: [target.address] })
    await expect(receiver.start(AbortSignal.timeout(1_000))).rejects.toMatchObject({ code: 'conflict' })
    await stop()
    const from = batches.length
    await receiver.start(AbortSignal.timeout(1_000))
    expect(valuesOf(await batch(from))).toMatchObject({ a: 1 })
  })

  it('refuses targets that relabeling breaks, and keeps what it had', async () => {
    const target = await expose(text('a 1\n'))
    const { receiver } = await scrape({ targets: [target.address] })
    const broken = { job: 'x', targets: ['a:1'], relabel: [{ targetLabel: '__address__', replacement: '' }] }
    await expect(receiver.apply(parseConfig({ jobs: [broken] }))).rejects.toMatchObject({ code: 'invalid' })
    expect(receiver.targets()).toHaveLength(1)
  })
})
