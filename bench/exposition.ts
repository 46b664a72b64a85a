import { existsSync, readFileSync } from 'node:fs'
import { prometheusReceiverConfigSchema } from '../src/components/receivers/prometheus/index.ts'
import { ScrapePayloads } from '../src/components/receivers/prometheus/scrape-payload.ts'
import { ScrapeReader } from '../src/components/receivers/prometheus/scrape-reader.ts'
import { resolveTargets } from '../src/components/receivers/prometheus/target.ts'
import { type ExpositionFormat, ExpositionParser, validateOpenMetrics } from '../src/wire/index.ts'

export const name = 'exposition'

interface Result {
  readonly what: string
  readonly value: number
  readonly unit: string
}

/** A node exporter's answer, where the read-only material lies beside the repository; else one of that shape. */
const NODE_EXPORTER = '../shared/data/prometheus/node-exporter.txt'
const RUN_MS = 1_000

/** Parsing alone, the strict validator, and all that a scrape does between body and batch, in its steady state. */
export async function run(): Promise<readonly Result[]> {
  const text = existsSync(NODE_EXPORTER) ? readFileSync(NODE_EXPORTER) : makeExposition('prometheus-text')
  const openMetrics = makeExposition('openmetrics-text')
  return [
    ...(await measure('text format, parse', text, () => parse(text, 'prometheus-text'))),
    ...(await measure('OpenMetrics, parse', openMetrics, () => parse(openMetrics, 'openmetrics-text'))),
    ...(await measure('OpenMetrics, validate', openMetrics, () => validateOpenMetrics(openMetrics))),
    ...(await measure('text format, scrape to batch', text, scrapeAgain(text, 'prometheus-text'))),
    ...(await measure('OpenMetrics, scrape to batch', openMetrics, scrapeAgain(openMetrics, 'openmetrics-text'))),
  ]
}

function parse(bytes: Uint8Array, format: ExpositionFormat): number {
  const parser = new ExpositionParser(bytes, { format })
  let samples = 0
  for (let entry = parser.next(); entry !== 'end'; entry = parser.next()) if (entry === 'sample') samples += 1
  return samples
}

function scrapeAgain(bytes: Uint8Array, format: ExpositionFormat): () => Promise<number> {
  const config = { jobs: [{ job: 'node', targets: ['localhost:9100'] }] }
  const [target] = prometheusReceiverConfigSchema.parse(config).jobs.flatMap(resolveTargets)
  if (target === undefined) throw new Error('BUG: no target')
  const reader = new ScrapeReader(target)
  const payloads = new ScrapePayloads(target)
  let atMs = 1_700_000_000_000
  return async () => {
    atMs += 15_000
    const content = await reader.read({ bytes, format }, atMs)
    if (content.failure !== undefined) throw content.failure
    await payloads.ofScrape(atMs, content, { ...content, up: 1, durationSeconds: 0.01 })
    return content.scraped
  }
}

/** `work` returns how many samples it went through. By CPU time, so that a busy machine does not count. */
async function measure(
  what: string,
  bytes: Uint8Array,
  work: () => number | Promise<number>,
): Promise<readonly Result[]> {
  for (let i = 0; i < 50; i++) await work()
  const before = process.cpuUsage()
  const until = performance.now() + RUN_MS
  let samples = 0
  let rounds = 0
  while (performance.now() < until) {
    samples += await work()
    rounds += 1
  }
  const { user, system } = process.cpuUsage(before)
  const seconds = (user + system) / 1e6
  return [
    { what, value: (rounds * bytes.length) / 1e6 / seconds, unit: 'MB/s/core' },
    { what, value: samples / seconds, unit: 'samples/s/core' },
  ]
}

function makeExposition(format: ExpositionFormat): Buffer {
  const isOpenMetrics = format === 'openmetrics-text'
  const lines: string[] = []
  for (let family = 0; family < 200; family++) {
    const metric = `app_http_requests_${String(family)}`
    lines.push(`# HELP ${metric} Requests that were answered.`, `# TYPE ${metric} counter`)
    for (let i = 0; i < 10; i++) {
      const exemplar = isOpenMetrics && i === 0 ? ' # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.67' : ''
      lines.push(
        `${metric}_total{code="200",handler="/api/v1/items/${String(i)}",method="get"} ${String(family * i * 1.5)}${exemplar}`,
      )
    }
  }
  if (isOpenMetrics) lines.push('# EOF')
  return Buffer.from(`${lines.join('\n')}\n`)
}
