import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { SHIPPED_DASHBOARDS } from '../../dashboards/index.ts'
import { registerGrafana } from './index.ts'

/** What Grafana's documentation says of the files, as far as this command uses it; other keys are mistakes. */
const uid = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/)
const dollarsEscaped = z
  .string()
  .refine((text) => !text.replaceAll('$$', '').includes('$'), 'a dollar that is expanded')
const tags = z.array(z.strictObject({ key: z.string(), value: z.string() })).min(1)
const connection = {
  httpHeaderName1: z.string().optional(),
  httpHeaderName2: z.string().optional(),
  tlsAuthWithCACert: z.literal(true).optional(),
  tlsAuth: z.literal(true).optional(),
}
const tracesToLogsV2 = z.strictObject({
  datasourceUid: uid,
  spanStartTimeShift: z.string().regex(/^-\d+m$/),
  spanEndTimeShift: z.string().regex(/^\d+m$/),
  tags,
  filterByTraceID: z.literal(true),
  filterBySpanID: z.boolean(),
  customQuery: z.literal(true),
  query: dollarsEscaped,
})
const tracesToMetrics = z.strictObject({
  datasourceUid: uid,
  spanStartTimeShift: z.string(),
  spanEndTimeShift: z.string(),
  tags,
  queries: z.array(z.strictObject({ name: z.string(), query: dollarsEscaped })).min(2),
})
const nodeGraph = z.strictObject({ enabled: z.literal(true) })
const jsonData = {
  prometheus: z.strictObject({
    ...connection,
    httpMethod: z.literal('POST'),
    prometheusType: z.literal('Prometheus'),
    timeInterval: z.literal('15s'),
    exemplarTraceIdDestinations: z.array(z.strictObject({ name: z.literal('trace_id'), datasourceUid: uid })),
  }),
  loki: z.strictObject({
    ...connection,
    maxLines: z.int(),
    derivedFields: z.array(
      z.strictObject({
        name: z.string(),
        matcherType: z.enum(['label', 'regex']),
        matcherRegex: dollarsEscaped,
        datasourceUid: uid,
        url: z.literal('$${__value.raw}'),
        urlDisplayLabel: z.string(),
      }),
    ),
  }),
  tempo: z.strictObject({
    ...connection,
    tracesToLogsV2,
    tracesToMetrics,
    serviceMap: z.strictObject({ datasourceUid: uid }),
    nodeGraph,
    search: z.strictObject({ hide: z.literal(false) }),
    streamingEnabled: z.strictObject({ search: z.literal(false), metrics: z.literal(false) }),
  }),
  jaeger: z.strictObject({ ...connection, tracesToLogsV2, tracesToMetrics, nodeGraph }),
}
const common = {
  name: z.string(),
  uid,
  access: z.literal('proxy'),
  url: z.url(),
  editable: z.literal(false),
  secureJsonData: z.record(z.string(), z.string()).optional(),
}
const dataSourcesSchema = z.strictObject({
  apiVersion: z.literal(1),
  datasources: z.array(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('prometheus'), ...common, jsonData: jsonData.prometheus }),
      z.strictObject({ type: z.literal('loki'), ...common, jsonData: jsonData.loki }),
      z.strictObject({ type: z.literal('tempo'), ...common, jsonData: jsonData.tempo }),
      z.strictObject({ type: z.literal('jaeger'), ...common, jsonData: jsonData.jaeger }),
    ]),
  ),
})

describe('fleetglass grafana provision', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'fleetglass-grafana-'))
  })
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true })
    vi.restoreAllMocks()
    process.exitCode = undefined
  })

  async function provision(...args: readonly string[]): Promise<string> {
    const out: string[] = []
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0)
    const program = new Command().exitOverride()
    registerGrafana(program)
    await program.parseAsync(['node', 'fleetglass', 'grafana', 'provision', dir, ...args])
    vi.restoreAllMocks()
    return out.join('')
  }
  const read = (file: string): unknown => parse(readFileSync(path.join(dir, file), 'utf8'))
  const sources = (): z.output<typeof dataSourcesSchema>['datasources'] =>
    dataSourcesSchema.parse(read('datasources/fleetglass.yaml')).datasources

  it('writes a set of data sources across tenants and one for each, whose links stay within the set', async () => {
    await provision('--tenants', 'prd,dev', '--url', 'https://hub.example/')
    const all = sources()
    expect(all.map(({ name, url }) => `${name}: ${url}`)).toEqual([
      ...['', ' (dev)', ' (prd)'].flatMap((tenant) => [
        `Fleetglass metrics${tenant}: https://hub.example/prometheus`,
        `Fleetglass logs${tenant}: https://hub.example`,
        `Fleetglass traces${tenant}: https://hub.example/tempo`,
        `Fleetglass jaeger${tenant}: https://hub.example/jaeger`,
      ]),
    ])
    expect(new Set(all.map((source) => source.uid)).size).toBe(12)
    for (const source of all) {
      const tenant = /\((.*)\)/.exec(source.name)?.[1]
      const suffix = tenant === undefined ? '' : `-${tenant}`
      const linked = [...JSON.stringify(source.jsonData).matchAll(/"datasourceUid":"([^"]*)"/g)].map(([, to]) => to)
      const expected = {
        prometheus: ['traces'],
        loki: ['traces', 'traces'],
        tempo: ['logs', 'metrics', 'metrics'],
        jaeger: ['logs', 'metrics'],
      }[source.type]
      expect(linked).toEqual(expected.map((kind) => `fleetglass-${kind}${suffix}`))
      expect(source.jsonData.httpHeaderName1).toBe(tenant === undefined ? undefined : 'X-Scope-OrgID')
      expect(source.secureJsonData?.['httpHeaderValue1']).toBe(tenant)
    }
  })

  it('names secrets by variables of the environment, and refuses what is none', async () => {
    const names = [
      '--token-env',
      'HUB_TOKEN',
      '--ca-env',
      'HUB_CA',
      '--client-cert-env',
      'CRT',
      '--client-key-env',
      'KEY',
    ]
    await provision('--tenants', 'dev', ...names)
    const [across, , , , ofDev] = sources()
    expect(across?.secureJsonData).toEqual({
      httpHeaderValue1: 'Bearer $HUB_TOKEN',
      tlsCACert: '$HUB_CA',
      tlsClientCert: '$CRT',
      tlsClientKey: '$KEY',
    })
    expect(across?.jsonData).toMatchObject({ httpHeaderName1: 'Authorization', tlsAuthWithCACert: true, tlsAuth: true })
    expect(ofDev?.jsonData).toMatchObject({ httpHeaderName1: 'X-Scope-OrgID', httpHeaderName2: 'Authorization' })
    await expect(provision('--tenants', 'dev', '--token-env', 'not-a-name!')).rejects.toThrow('no secrets')
    await expect(provision('--tenants', 'dev', '--client-key-env', 'KEY')).rejects.toThrow('without the other')
    await expect(provision('--tenants', 'dev', '--url', 'http://me:secret@hub')).rejects.toThrow('without user')
  })

  it('writes the shipped dashboards and the file that points to them', async () => {
    await provision('--tenants', 'none', '--dashboards-path', '/var/lib/grafana/fleetglass')
    expect(read('dashboards/fleetglass.yaml')).toMatchObject({
      apiVersion: 1,
      providers: [{ name: 'fleetglass', type: 'file', options: { path: '/var/lib/grafana/fleetglass' } }],
    })
    for (const { uid: dashboard, title } of SHIPPED_DASHBOARDS) {
      const text = readFileSync(path.join(dir, `dashboards/fleetglass/${String(dashboard)}.json`), 'utf8')
      expect(JSON.parse(text)).toMatchObject({ uid: dashboard, title })
    }
    expect(sources()).toHaveLength(4)
  })

  it('writes nothing a second time, and says whether everything is up to date', async () => {
    expect(await provision('--tenants', 'dev', '--check')).toContain('absent')
    expect(process.exitCode).toBe(1)
    process.exitCode = undefined
    await provision('--tenants', 'dev')
    const file = path.join(dir, 'datasources/fleetglass.yaml')
    const before = statSync(file).mtimeMs
    expect(await provision('--tenants', 'dev')).toMatch(/^\d+ files were up to date\n$/)
    expect(statSync(file).mtimeMs).toBe(before)
    expect(await provision('--tenants', 'dev', '--check')).toContain('all up to date')
    expect(process.exitCode).toBeUndefined()
    expect(await provision('--tenants', 'dev,prd', '--check')).toContain(`outdated  ${file}`)
    expect(process.exitCode).toBe(1)
  })

  it.each(['datasources/fleetglass.yaml', `dashboards/fleetglass/${String(SHIPPED_DASHBOARDS[0]?.uid)}.json`])(
    'does not overwrite what is somebody else’s: %s',
    async (name) => {
      const file = path.join(dir, name)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, '{"apiVersion": 1}\n')
      await expect(provision('--tenants', 'dev')).rejects.toMatchObject({ code: 'conflict' })
      expect(readFileSync(file, 'utf8')).toBe('{"apiVersion": 1}\n')
      expect(() => readFileSync(path.join(dir, 'dashboards/fleetglass.yaml'))).toThrow()
    },
  )

  it('keeps long names apart within the limit for uids', async () => {
    const long = 'a-tenant-with-quite-a-long-name-of-a-team'
    await provision('--tenants', `${long}-1,${long}-2`)
    expect(new Set(sources().map((source) => source.uid)).size).toBe(12)
  })

  it('takes the tenants from a fleet file', async () => {
    const fleet = path.resolve(import.meta.dirname, '../../../examples/local/fleet.yaml')
    await provision('--fleet', fleet)
    expect(sources().map(({ name }) => name)).toContain('Fleetglass logs (stg)')
  })
})
