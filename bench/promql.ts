import { type MetricServer, startHub, startPrometheus, startVictoriaMetrics } from './load/metric-servers.ts'
import { type DataSet, load, STEP_MS } from './promql/data-set.ts'
import { type BenchQuery, queriesFor } from './promql/queries.ts'

export const name = 'promql'

interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
}

const DATA_SETS: readonly DataSet[] = [
  { name: '1k', series: 1_000, hours: 6 },
  { name: '10k', series: 10_000, hours: 6 },
  { name: '100k', series: 100_000, hours: 1 },
]
/**
 * Ranges begin when windows of five minutes are full: how far a counter is extrapolated before its first sample is not
 * the same in all versions of Prometheus.
 */
const FIRST_WINDOW_MS = 6 * 60_000
const MIN_RUNS = 3
const MAX_RUNS = 50

/**
 * PromQL over HTTP to a hub and, where they are installed, to Debian's Prometheus and VictoriaMetrics: the same samples by
 * remote write, then, when the hub has packed them, the same queries, one server and one query after the other. Each query is asked over the whole
 * data set by minutes and at its end; the first time apart (`first`), then for some seconds (`--seconds`, default 3),
 * of which the median counts. No two ranges are the same, so that no cache of results answers. `--only` is a data set's
 * name, and behind a slash part of what a query is called: `10k`, `100k/topk`, `/1 series`.
 */
export async function run(
  options: { readonly seconds?: number; readonly only?: string } = {},
): Promise<readonly Row[]> {
  const { seconds = 3, only = '' } = options
  const [set = '', query = ''] = only.split('/')
  const rows: Row[] = []
  for (const data of DATA_SETS) {
    if (set !== '' && data.name !== set) continue
    const queries = queriesFor(data.series).filter(({ what }) => what.includes(query))
    if (queries.length > 0) rows.push(...(await measure(data, queries, seconds)))
  }
  return rows
}

type Servers = readonly (readonly [string, MetricServer])[]

async function measure(data: DataSet, queries: readonly BenchQuery[], seconds: number): Promise<readonly Row[]> {
  const servers = await startServers()
  try {
    // The end is now, by the minute: everybody takes what is not from the future.
    const endMs = Math.floor(Date.now() / 60_000) * 60_000
    const startMs = endMs - data.hours * 3_600_000
    const started = performance.now()
    const samples = await load(
      data,
      startMs,
      servers.map(([, server]) => server),
    )
    process.stderr.write(`${data.name}: ${samples} samples in ${Math.round((performance.now() - started) / 1_000)} s\n`)
    for (const [, server] of servers) await server.settle(samples)
    await Promise.all(servers.map(([, server]) => server.calm()))
    const rows: Row[] = []
    for (const query of queries) {
      const what = `${data.name} × ${data.hours} h: ${query.what}`
      const compared = await compare(what, query, { startMs, endMs, seconds }, servers)
      for (const row of compared) process.stderr.write(`${row.what}: ${row.value.toPrecision(4)} ${row.unit}\n`)
      rows.push(...compared)
    }
    return [
      ...rows,
      ...servers.map(([peer, server]) => ({
        what: `${data.name} × ${data.hours} h: resident at the end, ${peer}`,
        value: server.residentBytes() / 1e6,
        unit: 'MB',
      })),
    ]
  } finally {
    for (const [, server] of servers) await server.stop()
  }
}

async function startServers(): Promise<Servers> {
  const servers: (readonly [string, MetricServer])[] = [['fleetglass', await startHub()]]
  for (const [peer, start] of [
    ['prometheus', startPrometheus],
    ['victoria-metrics', startVictoriaMetrics],
  ] as const) {
    const server = await start()
    if (server === undefined) process.stderr.write(`${peer} is not installed: measured without it\n`)
    else servers.push([peer, server])
  }
  return servers
}

interface Times {
  readonly startMs: number
  readonly endMs: number
  readonly seconds: number
}

async function compare(what: string, query: BenchQuery, times: Times, servers: Servers): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const kind of ['range', 'instant'] as const) {
    const answers: (readonly [string, string])[] = []
    for (const [peer, server] of servers) {
      const { firstMs, medianMs, cpuSeconds, answer } = await ask(server, query.text, kind, times)
      answers.push([peer, answer])
      rows.push(
        { what: `${what}, ${kind}, first, ${peer}`, value: firstMs, unit: 'ms' },
        { what: `${what}, ${kind}, ${peer}`, value: medianMs, unit: 'ms' },
        { what: `${what}, ${kind}, processor, ${peer}`, value: cpuSeconds * 1_000, unit: 'CPU ms' },
      )
    }
    const [ours, prometheus] = ['fleetglass', 'prometheus'].map((peer) => answers.find(([one]) => one === peer)?.[1])
    if (prometheus !== undefined && ours !== prometheus) {
      process.stderr.write(`${what}, ${kind}: ${firstDifference(ours ?? '', prometheus)}\n`)
      rows.push({ what: `${what}, ${kind}: OTHER ANSWER than prometheus`, value: 1, unit: '' })
    }
  }
  return rows
}

/** The first values that differ, with what stands before them. */
function firstDifference(ours: string, theirs: string): string {
  const [a, b] = [ours, theirs].map((text) => text.split(/[ \n]/)) as [string[], string[]]
  const at = a.findIndex((value, i) => value !== b[i])
  const others = a.filter((value, i) => value !== b[i]).length
  return `${a.length} values, ${b.length} of prometheus, ${others} differ, from ${at} on: ${a.slice(at, at + 3).join(' ')}, not ${b.slice(at, at + 3).join(' ')}`
}

interface Measured {
  readonly firstMs: number
  readonly medianMs: number
  readonly cpuSeconds: number
  /** The values of the first answer, rounded, in an order that does not depend on the server. */
  readonly answer: string
}

async function ask(server: MetricServer, text: string, kind: 'range' | 'instant', times: Times): Promise<Measured> {
  const first = await timed(server, text, kind, times, 0)
  const taken: number[] = []
  const cpuBefore = server.cpuSeconds()
  const deadline = performance.now() + times.seconds * 1_000
  while (taken.length < MIN_RUNS || (performance.now() < deadline && taken.length < MAX_RUNS)) {
    taken.push((await timed(server, text, kind, times, taken.length + 1)).ms)
  }
  const cpuSeconds = (server.cpuSeconds() - cpuBefore) / taken.length
  const medianMs = taken.sort((a, b) => a - b)[Math.floor(taken.length / 2)] ?? Number.NaN
  return { firstMs: first.ms, medianMs, cpuSeconds, answer: first.answer }
}

async function timed(
  { queryUrl }: MetricServer,
  text: string,
  kind: 'range' | 'instant',
  { startMs, endMs }: Times,
  number: number,
): Promise<{ readonly ms: number; readonly answer: string }> {
  // Whole seconds between the samples; each run has others, so that no cache has the answer.
  const shift = (number % (STEP_MS / 1_000)) + 1
  const at = (ms: number): string => String(ms / 1_000 - shift - Math.floor(number / 15) * 60)
  const query = new URLSearchParams({ query: text, nocache: '1' })
  if (kind === 'instant') query.set('time', at(endMs))
  else
    for (const [key, value] of [
      ['start', at(startMs + FIRST_WINDOW_MS)],
      ['end', at(endMs)],
      ['step', '60'],
    ] as const)
      query.set(key, value)
  const started = performance.now()
  const response = await fetch(`${queryUrl}/api/v1/query${kind === 'range' ? '_range' : ''}?${query.toString()}`)
  const body = await response.text()
  const ms = performance.now() - started
  if (!response.ok) throw new Error(`${queryUrl}: ${text}: ${response.status} ${body.slice(0, 500)}`)
  return { ms, answer: number === 0 ? valuesOf(body) : '' }
}

function valuesOf(body: string): string {
  const { data } = JSON.parse(body) as {
    data: { result: { value?: [number, string]; values?: [number, string][] }[] }
  }
  return data.result
    .map(({ value, values }) =>
      (values ?? (value === undefined ? [] : [value]))
        .map(([time, text]) => `${time}:${Number(text).toPrecision(6)}`)
        .join(' '),
    )
    .sort()
    .join('\n')
}
