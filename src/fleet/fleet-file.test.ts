import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../config/index.ts'
import { parseEdgeFile, parseFleetFile, renderEdgeFile, renderFleetJsonSchema } from './index.ts'

const root = new URL('../../', import.meta.url)
const localText = readFileSync(new URL('examples/local/fleet.yaml', root), 'utf8')
const local = parseFleetFile(localText, 'fleet.yaml')
const DAY_MS = 86_400_000

const SMALL = `
fleet: f
hub: { cluster: ops }
clusters:
  dev: { environment: dev, region: r }
  prd: { environment: prd, region: r, tenant: shop }
`

function problemsOf(text: string, env?: NodeJS.ProcessEnv): string[] {
  try {
    parseFleetFile(text, 'f.yaml', env)
    return []
  } catch (reason) {
    if (!(reason instanceof ConfigError)) throw reason
    return reason.problems.map((problem) => `${problem.path}: ${problem.message}`)
  }
}

describe('parseFleetFile', () => {
  it('fills in what a small file leaves out', () => {
    const fleet = parseFleetFile(SMALL, 'f.yaml')
    expect(fleet).toMatchObject({ name: 'f', trustDomain: 'f', tenants: ['dev', 'shop'], teams: [], warnings: [] })
    expect(fleet.anonymous).toBeUndefined()
    expect(fleet.hub).toEqual({
      cluster: 'ops',
      listen: {
        otlpGrpc: { host: '127.0.0.1', port: 4317 },
        otlpHttp: { host: '127.0.0.1', port: 4318 },
        http: { host: '127.0.0.1', port: 8080 },
      },
      engine: { kind: 'embedded', path: './data' },
      names: ['localhost', '127.0.0.1', '::1'],
      log: { maxBytes: 10 * 2 ** 30, keep: 3_600_000 },
      ingest: { maxRequestSize: 20 * 2 ** 20, maxInFlight: 256 * 2 ** 20 },
      query: { features: [], cache: 67_108_864 },
      rollups: { enabled: true, retention: {} },
      spanMetrics: {
        enabled: true,
        interval: 15_000,
        buckets: expect.arrayContaining([0.002, 16.384]) as unknown,
        dimensions: [],
        spanNames: 'as-sent',
        maxSeriesPerCluster: 50_000,
        wait: 10_000,
        maxPending: 200_000,
      },
    })
    expect(fleet.cluster('dev')).toEqual({
      cluster: 'dev',
      environment: 'dev',
      region: 'r',
      clusterType: 'workload',
      tenant: 'dev',
    })
    expect(fleet.cluster('prd')?.tenant).toBe('shop')
    expect(fleet.collect('dev')).toEqual({ otlp: true, host: true, scrape: [], files: [] })
    expect(fleet.retention('dev')).toEqual({ metrics: 30 * DAY_MS, logs: 14 * DAY_MS, traces: 7 * DAY_MS })
  })

  it.each(['ops', 'constructor', '__proto__', ''])('knows no cluster %j', (name) => {
    const fleet = parseFleetFile(SMALL, 'f.yaml')
    expect([fleet.cluster(name), fleet.edge(name), fleet.collect(name)]).toEqual([undefined, undefined, undefined])
  })

  it('lets tenants and clusters override the defaults, key by key', () => {
    const fleet = parseFleetFile(
      `${SMALL}
defaults:
  retention: { logs: 2d, traces: 1d }
  collect: { host: false, scrape: [{ job: a, targets: [x] }] }
tenants: { shop: { retention: { metrics: 400d, logs: 1d } } }
`.replace('tenant: shop', 'tenant: shop, collect: { scrape: [] }'),
      'f.yaml',
    )
    expect(fleet.retention('shop')).toEqual({ metrics: 400 * DAY_MS, logs: DAY_MS, traces: DAY_MS })
    expect(fleet.retention('dev')).toEqual({ metrics: 30 * DAY_MS, logs: 2 * DAY_MS, traces: DAY_MS })
    expect(fleet.collect('dev')).toMatchObject({ host: false, scrape: [{ job: 'a' }] })
    expect(fleet.collect('prd')).toMatchObject({ host: false, scrape: [] })
  })

  it('reads for how long rollups are kept, and that nobody wants them', () => {
    const withRollups = (text: string): string => SMALL.replace('cluster: ops', `cluster: ops, rollups: ${text}`)
    expect(parseFleetFile(withRollups('{ retention: { oneHour: 400d } }'), 'f.yaml').hub.rollups).toEqual({
      enabled: true,
      retention: { oneHour: 400 * DAY_MS },
    })
    expect(parseFleetFile(withRollups('{ enabled: false }'), 'f.yaml').hub.rollups.enabled).toBe(false)
    expect(problemsOf(withRollups('{ retention: { fiveMinutes: 5m } }'))).toEqual([
      'hub.rollups.retention.fiveMinutes: expected at least 1h',
    ])
  })

  it('reads teams, engines and addresses', () => {
    const fleet = parseFleetFile(
      `${SMALL}
teams:
  sre: { tenants: ["*"], role: admin, tokens: [{ env: SRE_TOKEN }, { file: /run/token }] }
  shop: { tenants: [shop], clusters: [prd], role: viewer }
access: { anonymous: shop }
`.replace(
        'cluster: ops',
        'cluster: ops, listen: { otlpGrpc: "0.0.0.0:5317", http: "[::]:80" }, engine: { kind: clickhouse, url: "https://ch:8443", username: u, password: { env: P } }',
      ),
      'f.yaml',
    )
    expect(fleet.teams).toEqual([
      { name: 'sre', tenants: 'all', role: 'admin', tokens: [{ env: 'SRE_TOKEN' }, { file: '/run/token' }] },
      { name: 'shop', tenants: ['shop'], clusters: ['prd'], role: 'viewer', tokens: [] },
    ])
    expect(fleet.anonymous?.name).toBe('shop')
    expect(fleet.hub.listen.otlpGrpc).toEqual({ host: '0.0.0.0', port: 5317 })
    expect(fleet.hub.listen.http).toEqual({ host: '::', port: 80 })
    expect(fleet.hub.engine).toEqual({
      kind: 'clickhouse',
      url: 'https://ch:8443',
      database: 'fleetglass',
      username: 'u',
      password: { env: 'P' },
    })
  })

  it('reads writers with the clusters that they may write for, and rates', () => {
    const fleet = parseFleetFile(
      `${SMALL}
  two: { environment: prd, region: r, tenant: shop, rate: 1MiB }
writers:
  one: { token: { env: ONE }, cluster: dev }
  all: { token: { env: ALL }, tenant: shop }
  some: { token: { env: SOME }, tenant: shop, clusters: [two] }
  both: { token: { env: BOTH }, clusters: [dev, prd] }
`.replace('cluster: ops', 'cluster: ops, ingest: { clusterRate: 2MiB, maxRequestSize: 64MiB }'),
      'f.yaml',
    )
    expect(fleet.writers.map(({ name, clusters }) => [name, clusters])).toEqual([
      ['one', ['dev']],
      ['all', ['prd', 'two']],
      ['some', ['two']],
      ['both', ['dev', 'prd']],
    ])
    expect([fleet.rate('dev'), fleet.rate('two'), fleet.rate('no')]).toEqual([2 * 2 ** 20, 2 ** 20, 2 * 2 ** 20])
    expect(fleet.hub.ingest.maxRequestSize).toBe(64 * 2 ** 20)
  })

  it('reports writers for nobody, and for others than they say', () => {
    const problems = problemsOf(`${SMALL}
writers:
  nobody: { token: { env: A } }
  torn: { token: { env: A }, cluster: dev, tenant: shop }
  lost: { token: { env: A }, cluster: nope }
  wrong: { token: { env: A }, tenant: nope }
  other: { token: { env: A }, tenant: shop, clusters: [prd, dev] }
`)
    expect(problems).toEqual([
      'writers.nobody: expected either cluster, or tenant, clusters or both: for whom does it write?',
      'writers.torn: expected either cluster, or tenant, clusters or both: for whom does it write?',
      'writers.lost.cluster: no cluster is called nope',
      'writers.wrong.tenant: no cluster belongs to a tenant nope',
      'writers.other.clusters[1]: the cluster belongs to the tenant dev, not to shop',
    ])
  })

  it('lets scrub rules of a cluster stand alone, with the key of the defaults', () => {
    const fleet = parseFleetFile(
      `${SMALL}
defaults: { scrub: { rules: [email, { detect: phone, action: mask }], key: { env: SCRUB_KEY } } }
scrubProfiles: { vendors: [iban], unused: [jwt] }
destinations: { loki: { type: loki, url: "http://loki:3100", scrub: [vendors, email, ipv4] } }
`.replace(
        'tenant: shop',
        'tenant: shop, scrub: [{ detect: { name: emp, expression: "EMP-[0-9]+" }, action: pseudonym }]',
      ),
      'f.yaml',
      {},
    )
    expect(fleet.scrub('dev')).toEqual({
      rules: [
        { detect: 'email', action: 'redact' },
        { detect: 'phone', action: 'mask' },
      ],
      key: { env: 'SCRUB_KEY' },
    })
    const own = { detect: { name: 'emp', expression: 'EMP-[0-9]+' }, action: 'pseudonym' }
    expect(fleet.scrub('prd')).toEqual({ rules: [own], key: { env: 'SCRUB_KEY' } })
    expect(fleet.scrub('nope')).toBeUndefined()
    expect(fleet.scrubFor(['vendors', 'email', 'ipv4'])).toEqual([
      { rules: [{ detect: 'iban', action: 'redact' }] },
      {
        rules: [
          { detect: 'email', action: 'redact' },
          { detect: 'ipv4', action: 'redact' },
        ],
      },
    ])
    expect(fleet.warnings).toEqual([{ path: 'scrubProfiles.unused', message: 'no destination names it in its scrub' }])
    const options = { hubAddress: { host: 'h', port: 1 }, tlsDir: 't', stateDir: 's' }
    for (const cluster of ['dev', 'prd']) {
      expect(parseEdgeFile(renderEdgeFile(fleet, cluster, options), 'edge.yaml').scrub).toEqual(fleet.scrub(cluster))
    }
  })

  const bad: readonly (readonly [title: string, text: string, problems: readonly string[]])[] = [
    [
      'scrub rules that cannot work',
      `${SMALL}
defaults: { scrub: [{ detect: email, action: pseudonym }] }
scrubProfiles: { p: [email] }
destinations: { loki: { type: loki, url: "http://loki:3100", scrub: [p, emial] } }
`,
      [
        'defaults.scrub: pseudonyms need a key: write { rules: […], key: { env: NAME } } or { file: PATH }',
        'destinations.loki.scrub[1]: neither a profile nor a kind: there are p, email, us-ssn, credit-card, phone, iban, ipv4, ipv6, jwt, cloud-key',
      ],
    ],
    [
      'expressions that are none, or match everywhere',
      `${SMALL}
defaults: { scrub: { rules: [{ detect: { name: a, expression: "(a" } }, { detect: { name: b, expression: "x*" } }] } }
`,
      [
        'defaults.scrub.rules[0].detect.expression: no RE2 expression: error parsing regexp: missing closing ): `(a`',
        'defaults.scrub.rules[1].detect.expression: the expression matches the empty text: it would match everywhere',
      ],
    ],
    [
      'a name that is none',
      SMALL.replace('dev:', 'Dev_1:'),
      ['clusters.Dev_1: expected a name of lower-case letters, digits and hyphens, 63 at most, such as dev-uaenorth'],
    ],
    [
      'a port out of range',
      SMALL.replace('cluster: ops', 'cluster: ops, listen: { http: 70000 }'),
      ['hub.listen.http: expected at most 65535'],
    ],
    [
      'an address without a host',
      SMALL.replace('cluster: ops', 'cluster: ops, listen: { http: ":80" }'),
      ['hub.listen.http: expected a port, or host:port such as 0.0.0.0:4317'],
    ],
    [
      'one port for two',
      SMALL.replace('cluster: ops', 'cluster: ops, listen: { http: 4317 }'),
      ['hub.listen.http: 127.0.0.1:4317 is taken by hub.listen.otlpGrpc'],
    ],
    [
      'a password in the address',
      SMALL.replace('cluster: ops', 'cluster: ops, engine: { kind: clickhouse, url: "http://u:p@ch" }'),
      ['hub.engine.url: expected an http:// or https:// address without user and password'],
    ],
    [
      'a literal token',
      `${SMALL}teams: { a: { tenants: [dev], role: admin, tokens: [hunter2] } }`,
      [
        'teams.a.tokens[0]: a secret is never written into this file: write { env: NAME } or { file: PATH }, and put the value there',
      ],
    ],
    [
      'unknown tenants, clusters and teams',
      `${SMALL}teams: { a: { tenants: [stg], clusters: [stg], role: admin } }\naccess: { anonymous: b }\ntenants: { stg: {} }`,
      [
        'teams.a.tenants[0]: no cluster belongs to a tenant stg: there are dev, shop',
        'teams.a.clusters[0]: no cluster is called stg',
        'access.anonymous: no team is called b',
        'tenants.stg: no cluster belongs to it: there are dev, shop',
      ],
    ],
    [
      'a job twice',
      SMALL.replace('region: r }', 'region: r, collect: { scrape: [{ job: a }, { job: a }] } }'),
      ['clusters.dev.collect.scrape[1].job: another job is called a already'],
    ],
    [
      'a kind of destination that there is not',
      `${SMALL}destinations: { s: { type: carrier-pigeon } }`,
      ['destinations.s.type: expected "otlp", "prometheus", "splunk-hec", "datadog", "loki" or "elasticsearch"'],
    ],
    [
      'a destination with the name of another reader of the log',
      `${SMALL}destinations: { store: { type: otlp, endpoint: "http://o:4317" } }`,
      ['destinations.store: this name is taken: choose another one'],
    ],
    [
      'a destination that waits for a cluster which is not there',
      `${SMALL}destinations: { o: { type: otlp, endpoint: "http://o:4317", where: { cluster: [dev, qa] } } }`,
      ['destinations.o.where.cluster: no cluster has the cluster qa: there are dev, prd'],
    ],
    [
      'a destination with its secret in the file, half a certificate and a broken selector',
      `${SMALL}destinations:
  o:
    type: otlp
    endpoint: http://user:pw@o:4317
    headers: { x-api-key: abc }
    tls: { cert: a.pem }
    where: { match: '{a=~"("}' }
`,
      [
        'destinations.o.endpoint: expected an http:// or https:// address without user and password',
        'destinations.o.headers.x-api-key: a secret is never written into this file: write { env: NAME } or { file: PATH }',
        'destinations.o.tls.key: is missing: a certificate and its key go together',
        'destinations.o.where.match: error parsing regexp: missing closing ): `(`',
      ],
    ],
    [
      'too short a retention',
      `${SMALL}defaults: { retention: { logs: 5m } }`,
      ['defaults.retention.logs: expected at least 1h'],
    ],
    [
      'a role that is none',
      `${SMALL}teams: { a: { tenants: ["*"], role: root } }`,
      ['teams.a.role: expected "viewer", "editor" or "admin"'],
    ],
  ]
  it.each(bad)('refuses %s', (_title, text, problems) => {
    expect(problemsOf(text)).toEqual(problems)
  })

  it('misses variables of secrets only when it gets the environment', () => {
    const text = `${SMALL}teams: { a: { tenants: [dev], role: admin, tokens: [{ env: NO_SUCH }] } }`
    expect(problemsOf(text)).toEqual([])
    expect(problemsOf(text, {})).toEqual(['teams.a.tokens[0]: the environment variable NO_SUCH is not set'])
  })
})

describe('the local fleet', () => {
  it('has its three clusters, each with its own addresses', () => {
    expect(local.identities.map(({ cluster, tenant }) => `${cluster} ${tenant}`)).toEqual([
      'dev-uaenorth dev',
      'stg-uaenorth stg',
      'prd-uaenorth prd',
    ])
    const ports = local.identities.flatMap(({ cluster }) =>
      Object.values(local.edge(cluster)?.listen ?? {}).map(({ port }) => port),
    )
    expect(ports).toEqual([14317, 14318, 18080, 24317, 24318, 28080, 34317, 34318, 38080])
    expect(local.anonymous).toMatchObject({ tenants: 'all', role: 'admin' })
    expect(local.warnings).toEqual([])
  })

  it('renders an edge file that says what the fleet file says', () => {
    const text = renderEdgeFile(local, 'dev-uaenorth', {
      hubAddress: { host: '127.0.0.1', port: 4317 },
      tlsDir: '/state/pki',
      stateDir: '/state/edges/dev',
      filesDir: '/state',
    })
    const edge = parseEdgeFile(text, 'edge.yaml')
    expect(edge).toMatchObject({
      identity: local.cluster('dev-uaenorth'),
      instance: '0',
      hub: { otlpGrpc: { host: '127.0.0.1', port: 4317 } },
      tls: { ca: '/state/pki/ca.crt', cert: '/state/pki/dev-uaenorth.crt', key: '/state/pki/dev-uaenorth.key' },
      listen: local.edge('dev-uaenorth')?.listen,
      buffer: { maxBytes: 512 * 2 ** 20 },
      receivers: {
        otlp: {},
        host: {},
        filelog: [{ include: ['/state/logs/dev-uaenorth/pods/*/*/*.log'], format: 'cri' }],
      },
    })
    expect(edge.receivers.prometheus).toEqual({ jobs: local.collect('dev-uaenorth')?.scrape })
  })

  it('renders nothing for a stranger', () => {
    const options = { hubAddress: { host: 'h', port: 1 }, tlsDir: '/t', stateDir: '/s' }
    expect(() => renderEdgeFile(local, 'constructor', options)).toThrow('has no cluster')
  })
})

describe('parseEdgeFile', () => {
  it('names what is wrong', () => {
    const text =
      'identity: { cluster: dev }\nhub: { otlpGrpc: 4317 }\ntls: {}\nstateDir: x\nreceivers: { promtheus: {} }'
    expect(() => parseEdgeFile(text, 'edge.yaml')).toThrow(
      'edge.yaml:5: receivers.promtheus: unknown key: did you mean prometheus?',
    )
    expect(() => parseEdgeFile(text, 'edge.yaml')).toThrow('edge.yaml:2: hub.otlpGrpc: expected text, found a number')
  })
})

describe('docs/schema/fleet.schema.json', () => {
  it('is current: npm run build && node scripts/schema.mjs writes it', () => {
    const published = readFileSync(new URL('docs/schema/fleet.schema.json', root), 'utf8')
    expect(published).toBe(renderFleetJsonSchema())
  })
})
