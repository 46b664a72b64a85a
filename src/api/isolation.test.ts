import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { QUERY_ROUTES, type QueryRouteName } from './routes.ts'
import { createTestHub, TRACE_IDS, type TestHub } from './testing/test-hub.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await createTestHub()
})
afterAll(async () => {
  await hub.app.close()
})

const q = encodeURIComponent
const everything = q('{__name__=~".+"}')
const allLogs = q('{cluster=~".+"}')
const time = 'time=1767225600&start=1767225000&end=1767225600&step=60'

/** For each address, requests that show all that the caller may see. A missing row does not compile. */
const REQUESTS: Readonly<Record<QueryRouteName, readonly string[]>> = {
  'prometheus.query': [
    `?query=${everything}&${time}`,
    `?query=${q('{tenant_id="prd"}')}&${time}`,
    `?query=${q('{__tenant_id__="prd"}')}`,
  ],
  'prometheus.query-range': [`?query=${everything}&${time}`],
  'prometheus.format-query': ['?query=up'],
  'prometheus.parse-query': ['?query=up'],
  'prometheus.series': [`?match[]=${everything}`, `?match[]=${q('{tenant_id=~".*",job!="x"}')}&match[]=${everything}`],
  'prometheus.labels': ['', `?match[]=${everything}`],
  'prometheus.label-values': ['', `?match[]=${everything}`],
  'prometheus.metadata': ['', '?metric=metric_canary_prd'],
  'prometheus.exemplars': [`?query=${everything}`],
  'prometheus.rules': [''],
  'prometheus.alerts': [''],
  'prometheus.targets': ['', '?state=any&scrapePool=canary-prd'],
  'prometheus.target-metadata': ['', '?metric=metric_canary_prd'],
  'prometheus.scrape-pools': [''],
  'prometheus.federate': [
    `?match[]=${everything}`,
    `?match[]=${q('{tenant_id=~".*",job!="x"}')}&match[]=${everything}`,
  ],
  'prometheus.read': [''],
  'prometheus.alertmanagers': [''],
  'prometheus.features': [''],
  'prometheus.config': [''],
  'prometheus.flags': [''],
  'prometheus.runtime-info': [''],
  'prometheus.tsdb': ['', '?limit=1000'],
  'prometheus.blocks': [''],
  'prometheus.notifications': [''],
  'prometheus.wal-replay': [''],
  'prometheus.build-info': [''],
  'loki.query': [`?query=${q('count_over_time({cluster=~".+"}[1h])')}&time=1767225600`],
  'loki.query-range': [
    `?query=${allLogs}&end=1767225601`,
    `?query=${q('count_over_time({cluster=~".+"}[1h])')}&end=1767225601`,
  ],
  'loki.labels': ['', `?query=${allLogs}`],
  'loki.label': [''],
  'loki.label-values': ['', `?query=${allLogs}`],
  'loki.series': [`?match[]=${allLogs}`],
  'loki.index-stats': [`?query=${allLogs}`],
  'loki.volume': [`?query=${allLogs}&end=1767225601`, `?query=${allLogs}&end=1767225601&aggregateBy=labels`],
  'loki.volume-range': [`?query=${allLogs}&end=1767225601&targetLabels=cluster`],
  'loki.detected-labels': ['?end=1767225601', `?query=${allLogs}`],
  'loki.detected-fields': [`?query=${allLogs}&end=1767225601`],
  'loki.detected-field-values': [`?query=${allLogs}&end=1767225601`],
  'loki.patterns': [`?query=${allLogs}&end=1767225601`],
  'loki.format-query': [`?query=${allLogs}`],
  'loki.tail': [`?query=${allLogs}&end=1767225601`],
  'loki.export-page': [`?query=${allLogs}&end=1767225601`],
  'loki.rules': [''],
  'loki.drilldown-limits': [''],
  'loki.build-info': [''],
  'tempo.echo': [''],
  'tempo.trace': [''],
  'tempo.trace-v2': [''],
  'tempo.search': ['', `?q=${q('{ .tenant_id = "prd" }')}`, `?q=${q('{}')}`],
  'tempo.tags': [''],
  'tempo.tags-v2': [''],
  'tempo.tag-values': [''],
  'tempo.tag-values-v2': [''],
  'tempo.metrics-range': [`?q=${q('{} | rate() by (resource.service.name)')}&exemplars=10`],
  'tempo.metrics-instant': [`?q=${q('{} | count_over_time() by (name)')}`],
  'tempo.metrics-summary': [`?q=${q('{}')}&groupBy=name,resource.service.name`],
  'tempo.build-info': [''],
  'tempo.ready': [''],
  'jaeger.services': [''],
  'jaeger.operation-names': [''],
  'jaeger.operations': ['?service=service-canary-prd', '?service=service-canary-dev'],
  'jaeger.traces': [
    `?service=service-canary-prd&start=0`,
    `?service=service-canary-dev&start=0`,
    `?service=service-canary-prd&start=0&tags=${q('{"tenant_id":"prd"}')}`,
    `?traceID=${TRACE_IDS.prd}&traceID=${TRACE_IDS.dev}`,
  ],
  'jaeger.trace': [''],
  'jaeger.dependencies': ['?endTs=1767225600000&lookback=86400000'],
  'jaeger.archive': [''],
  'jaeger.transform': [''],
  'jaeger.metrics': ['?service=service-canary-prd'],
  'jaeger-v3.services': [''],
  'jaeger-v3.operations': ['?service=service-canary-prd', '?service=service-canary-dev'],
  'jaeger-v3.traces': [
    '?query.startTimeMin=2025-12-01T00:00:00Z&query.startTimeMax=2026-02-01T00:00:00Z',
    '?query.startTimeMin=2025-12-01T00:00:00Z&query.startTimeMax=2026-02-01T00:00:00Z&query.serviceName=service-canary-prd',
  ],
  'jaeger-v3.trace': [''],
  'jaeger-v3.trace-summaries': ['?query.startTimeMin=2025-12-01T00:00:00Z&query.startTimeMax=2026-02-01T00:00:00Z'],
  'jaeger-v3.dependencies': ['?startTime=2025-12-01T00:00:00Z&endTime=2026-02-01T00:00:00Z'],
  'jaeger-v3.capabilities': [''],
}

const NAMES = ['cluster', 'tenant_id', '__name__', 'label_canary_prd', 'label_canary_dev', 'service.name', 'name']
const SERVICES = ['service-canary-prd', 'service-canary-dev']
const IDS = [TRACE_IDS.prd, TRACE_IDS.dev]

const urls = (Object.keys(REQUESTS) as QueryRouteName[]).flatMap((name) => {
  const { path } = QUERY_ROUTES[name]
  const paths = path.includes(':name')
    ? NAMES.map((label) => path.replace(':name', label))
    : path.includes(':id')
      ? IDS.map((id) => path.replace(':id', id))
      : path.includes(':service')
        ? SERVICES.map((service) => path.replace(':service', service))
        : [path.replace(':metric', 'calls')]
  return paths.flatMap((address) => REQUESTS[name].map((query) => address + query))
})
urls.push('/api/v1/fleet', '/metrics')

describe('no byte of another tenant crosses', () => {
  // The names in the address may be echoed in an error; canaries in it are no leak.
  const canary = (tenant: string): RegExp => new RegExp(`canary[-._]${tenant}`)
  const echoed = (url: string, text: string): string => text.replaceAll(decodeURIComponent(url), '')

  for (const [caller, other] of [
    ['dev', 'prd'],
    ['prd', 'dev'],
  ] as const) {
    for (const scopeHeader of [
      undefined,
      caller,
      other,
      `${caller}|${other}`,
      caller.toUpperCase(),
      '..',
      '%2e%2e',
      'a\u0001',
      'a'.repeat(151),
    ]) {
      it(`${caller} asks with X-Scope-OrgID ${String(scopeHeader).slice(0, 20)}`, async () => {
        for (const url of urls) {
          for (const accept of ['application/json', 'application/protobuf']) {
            const headers = {
              ...hub.headers(caller),
              accept,
              ...(scopeHeader === undefined ? {} : { 'x-scope-orgid': scopeHeader }),
            }
            const response = await hub.app.inject({ url, headers })
            expect(echoed(url, response.body), `${url} as ${caller}`).not.toMatch(canary(other))
            // That there is no such trace may be said with the id that was asked for.
            const told = response.body.replaceAll(`"trace not found","traceID":"${TRACE_IDS[other]}"`, '')
            expect(told).not.toContain(TRACE_IDS[other])
          }
        }
      })
    }
  }

  it('shows what it should, so that silence above means something', async () => {
    for (const url of [
      `/prometheus/api/v1/query?query=${everything}&${time}`,
      `/loki/api/v1/query_range?query=${allLogs}&end=1767225601`,
      '/tempo/api/search',
      '/jaeger/api/services',
      '/jaeger/api/v3/traces?query.startTimeMin=2025-12-01T00:00:00Z&query.startTimeMax=2026-02-01T00:00:00Z',
      '/api/v1/fleet',
    ]) {
      const dev = await hub.app.inject({ url, headers: hub.headers('dev') })
      expect(dev.body, url).toMatch(canary('dev'))
      const all = await hub.app.inject({ url, headers: hub.headers('all') })
      expect(all.body, url).toMatch(canary('dev'))
      expect(all.body, url).toMatch(canary('prd'))
      const chosen = await hub.app.inject({ url, headers: { ...hub.headers('all'), 'x-scope-orgid': 'dev' } })
      expect(chosen.body, url).not.toMatch(canary('prd'))
    }
  })
})

describe('refusals have the shape of the API', () => {
  const cases: [string, string, number, RegExp][] = [
    ['/prometheus/api/v1/query?query=1', 'nobody', 401, /^\{"status":"error","errorType":"unauthorized","error":"/],
    ['/loki/api/v1/labels', 'nobody', 401, /^no credentials/],
    ['/tempo/api/echo', 'nobody', 401, /^no credentials/],
    ['/api/v1/fleet', 'nobody', 401, /^\{"error":\{"code":"unauthenticated"/],
    ['/metrics', 'nobody', 401, /^no credentials/],
    ['/metrics', 'dev', 403, /^the metrics of the hub/],
  ]
  it.each(cases)('%s for %s', async (url, caller, status, body) => {
    const response = await hub.app.inject({ url, headers: hub.headers(caller as 'dev' | 'nobody') })
    expect(response.statusCode).toBe(status)
    expect(response.body).toMatch(body)
  })

  const scopes: [string, number, RegExp][] = [
    ['prd', 403, /"errorType":"forbidden"/],
    ['..', 400, /"errorType":"bad_data"/],
  ]
  it.each(scopes)('X-Scope-OrgID: %s', async (header, status, body) => {
    const response = await hub.app.inject({
      url: '/prometheus/api/v1/query?query=1',
      headers: { ...hub.headers('dev'), 'x-scope-orgid': header },
    })
    expect(response.statusCode).toBe(status)
    expect(response.body).toMatch(body)
  })
})
