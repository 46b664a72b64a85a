import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, LocalFleet } from './testing/local-fleet.ts'

const CLUSTERS = ['dev-uaenorth', 'prd-uaenorth', 'stg-uaenorth']

interface Vector {
  readonly data: {
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[]
  }
}

interface Streams {
  readonly data: {
    readonly result: readonly { readonly stream: Record<string, string>; readonly values: string[][] }[]
  }
}

interface Traces {
  readonly traces: readonly { readonly traceID: string }[]
}

interface Trace {
  readonly batches: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: { stringValue?: string } }[] }
  }[]
}

describe('the local fleet with its demo services', () => {
  let fleet: LocalFleet

  beforeAll(async () => {
    fleet = await LocalFleet.create({ demo: true })
    await fleet.up()
  }, 120_000)

  afterAll(async () => {
    await fleet.dispose()
  })

  const query = (expr: string): Promise<Vector> =>
    fleet.getJson<Vector>(`/prometheus/api/v1/query?${new URLSearchParams({ query: expr }).toString()}`)

  it('verifies itself: three clusters × three signals, a wrong certificate, a spoofed label', async () => {
    const { code, stdout, stderr } = await fleet.run('verify', '--state', fleet.state, '--json')
    const report = JSON.parse(stdout) as { checks: { check: string; cluster: string; signal: string; ok: boolean }[] }
    expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const canaries = report.checks.filter(({ check }) => check === 'canary')
    expect(canaries).toHaveLength(9)
    expect(report.checks.map(({ check }) => check)).toContain('spoofed label')
    expect(report.checks.map(({ check }) => check)).toContain('wrong certificate')
    expect(report.checks.map(({ check }) => check)).toContain('service graph')
  }, 60_000)

  it('answers PromQL over the targets of all clusters', async () => {
    const answer = await eventually(
      () => query('count by (cluster) (up)'),
      // Each cluster's edge and three services; scrapes are spread over their interval.
      ({ data }) => data.result.length === 3 && data.result.every(({ value }) => Number(value[1]) >= 4),
    )
    expect(answer.data.result.map(({ metric }) => metric['cluster']).sort()).toEqual(CLUSTERS)
  }, 60_000)

  it('answers PromQL over the metrics that the services send by OTLP', async () => {
    const answer = await eventually(
      () => query('sum by (cluster) (rate(http_server_request_duration_seconds_count[1m]))'),
      ({ data }) => data.result.length === 3 && data.result.every(({ value }) => Number(value[1]) > 0),
      60_000,
    )
    expect(answer.data.result.map(({ metric }) => metric['cluster']).sort()).toEqual(CLUSTERS)
  }, 90_000)

  it('collects host metrics of every cluster', async () => {
    const answer = await eventually(
      () => query('count by (cluster) (system_cpu_time_seconds_total)'),
      ({ data }) => data.result.length === 3,
    )
    expect(answer.data.result).toHaveLength(3)
  }, 60_000)

  it('finds error lines of all clusters, from log files with the pod as labels', async () => {
    const params = new URLSearchParams({ query: '{cluster=~".+"} |= "error"', limit: '1000' })
    const answer = await eventually(
      () => fleet.getJson<Streams>(`/loki/api/v1/query_range?${params.toString()}`),
      ({ data }) =>
        new Set(data.result.filter(({ stream }) => stream['k8s_pod_name']).map(({ stream }) => stream['cluster']))
          .size === 3,
      120_000,
    )
    const fromFiles = answer.data.result.filter(({ stream }) => stream['k8s_pod_name'] !== undefined)
    expect(new Set(fromFiles.map(({ stream }) => stream['k8s_namespace_name']))).toEqual(new Set(['shop']))
    for (const { values } of answer.data.result) for (const [, line] of values) expect(line).toContain('error')
  }, 150_000)

  it('finds traces that cross two clusters, and returns one by its id', async () => {
    const params = new URLSearchParams({ q: '{ resource.service.name = "checkout" }', limit: '20' })
    const clusters = await eventually(
      async () => {
        const { traces } = await fleet.getJson<Traces>(`/tempo/api/search?${params.toString()}`)
        const crossed = await Promise.all(traces.map(({ traceID }) => clustersOf(fleet, traceID)))
        return crossed.find((names) => names.length > 1) ?? []
      },
      (names) => names.length > 1,
      60_000,
    )
    expect(CLUSTERS).toEqual(expect.arrayContaining([...clusters]))
  }, 90_000)

  it('keeps tenants apart by X-Scope-OrgID, and joins them with |', async () => {
    const count = async (org: string): Promise<readonly string[]> => {
      const response = await fetch(`${fleet.url}/prometheus/api/v1/query?query=count%20by%20(cluster)%20(up)`, {
        headers: { 'x-scope-orgid': org },
      })
      const { data } = (await response.json()) as Vector
      return data.result.map(({ metric }) => metric['cluster'] ?? '').sort()
    }
    expect(await count('dev')).toEqual(['dev-uaenorth'])
    expect(await count('dev|prd')).toEqual(['dev-uaenorth', 'prd-uaenorth'])
  })

  it('stops on Ctrl-C within five seconds and continues from its data', async () => {
    const before = await query('count(count_over_time(up[1h]))')
    const { code, ms } = await fleet.stop()
    expect(code).toBe(0)
    expect(ms).toBeLessThan(5_000)
    await fleet.up()
    const after = await eventually(
      () => query('count(count_over_time(up[1h]))'),
      ({ data }) => data.result.length === 1,
    )
    expect(Number(after.data.result[0]?.value[1])).toBeGreaterThanOrEqual(Number(before.data.result[0]?.value[1]))
  }, 120_000)
})

async function clustersOf(fleet: LocalFleet, traceId: string): Promise<readonly string[]> {
  const { batches } = await fleet.getJson<Trace>(`/tempo/api/traces/${traceId}`)
  const names = batches.map(
    ({ resource }) => resource.attributes.find(({ key }) => key === 'k8s.cluster.name')?.value.stringValue ?? '',
  )
  return [...new Set(names)]
}
