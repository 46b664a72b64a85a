import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExpositionFormat } from '../../../wire/index.ts'
import { readRemoteWriteRequest } from '../../../wire/remote-write/testing/read-request.ts'
import { ScrapePayloads } from './scrape-payload.ts'
import { ScrapeReader } from './scrape-reader.ts'
import { resolveTargets, type Target } from './target.ts'
import { parseConfig } from './testing/scraping.ts'

const AT_MS = 1_700_000_000_000

function makeTarget(): Target {
  const [target] = parseConfig({ jobs: [{ job: 'test', targets: ['a:1'] }] }).jobs.flatMap(resolveTargets)
  if (target === undefined) throw new Error('no target')
  return target
}

function body(
  text: string | Uint8Array,
  format: ExpositionFormat = 'prometheus-text',
): Parameters<ScrapeReader['read']>[0] {
  return { bytes: typeof text === 'string' ? Buffer.from(text) : text, format }
}

describe('ScrapeReader', () => {
  it('never rejects, and finds nothing that is our fault, whatever a target sends', async () => {
    const seed = Buffer.from(
      '# HELP a_s x\n# TYPE a_s histogram\n# UNIT a_s s\na_s_bucket{x="\\"é",le="1.0"} 3 1.5 # {t="☃"} 0.5 2\na_s_created{x="1"} 1\n{"m.x","a.b"="c"} NaN\n# EOF\n',
    )
    const edits = fc.array(fc.tuple(fc.nat(seed.length), fc.nat(2), fc.nat(255)), { minLength: 1, maxLength: 5 })
    const format = fc.constantFrom<ExpositionFormat>('prometheus-text', 'openmetrics-text')
    const target = makeTarget()
    const reader = new ScrapeReader(target)
    await fc.assert(
      fc.asyncProperty(edits, format, async (changes, as) => {
        const bytes = [...seed]
        for (const [at, kind, byte] of changes) bytes.splice(at, kind === 0 ? 0 : 1, ...(kind === 1 ? [] : [byte]))
        const content = await reader.read(body(Uint8Array.from(bytes), as), AT_MS)
        expect(content.failure?.code).not.toBe('internal')
        const payloads = await new ScrapePayloads(target).ofScrape(AT_MS, content, {
          ...content,
          up: 1,
          durationSeconds: 0,
        })
        for (const payload of payloads) readRemoteWriteRequest(payload.bytes)
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes labels without number in linear time', async () => {
    const labels = Array.from({ length: 100_000 }, (_, i) => `l${String(i)}="v"`).join()
    const started = performance.now()
    const content = await new ScrapeReader(makeTarget()).read(body(`a{${labels}} 1\n`), AT_MS)
    expect(content.samples[0]?.series.labels).toHaveLength(2 * 100_003)
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  it('lets others work during a huge scrape, whose requests stay small', async () => {
    const lines = Array.from({ length: 150_000 }, (_, i) => `a{i="${String(i)}"} ${String(i)}`).join('\n')
    const target = makeTarget()
    let longestMs = 0
    let lastMs = performance.now()
    const timer = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - lastMs)
      lastMs = performance.now()
    }, 1)
    const started = performance.now()
    const content = await new ScrapeReader(target).read(body(lines), AT_MS)
    const payloads = await new ScrapePayloads(target).ofScrape(AT_MS, content, {
      ...content,
      up: 1,
      durationSeconds: 1,
    })
    const tookMs = performance.now() - started
    clearInterval(timer)
    expect(longestMs).toBeLessThan(tookMs / 2)
    expect(payloads.length).toBeGreaterThan(1)
    expect(Math.max(...payloads.map(({ bytes }) => bytes.length))).toBeLessThan(5 * 2 ** 20)
    const series = payloads.flatMap(({ bytes }) => readRemoteWriteRequest(bytes))
    expect(series).toHaveLength(150_005)
    expect(new Set(series.map(({ labels }) => labels['i'])).size).toBe(150_001)
  })

  it('has nothing left to mark once it was taken', async () => {
    const reader = new ScrapeReader(makeTarget())
    await reader.read(body('a 1\n'), AT_MS)
    expect(reader.takeLive()).toHaveLength(1)
    expect(reader.takeLive()).toEqual([])
    expect((await reader.read(body('b 1\n'), AT_MS + 1)).gone).toEqual([])
  })
})
