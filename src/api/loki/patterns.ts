import { parseLogql } from '../../query/index.ts'
import { AppError } from '../../core/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { jsonResponse } from '../messages.ts'
import { LogTemplates, renderTemplate } from './log-templates.ts'
import { rangeParameters, stepParameter } from './params.ts'
import { sampleLines } from './sample-lines.ts'

/** The range is looked at in so many pieces, and of each so many lines: what is counted is scaled up to all lines. */
const PIECES = 20
const LINES_PER_PIECE = 500
const MAX_PATTERNS = 300
const MAX_STEPS = 11_000
const MS = 1_000_000n

/** `/loki/api/v1/patterns`: what kinds of lines a selector's streams have, and about how many of each in every step. */
export const patterns: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const query = params.queryText('query')
  const expr = parseLogql(query)
  if (expr.kind !== 'logs') throw new AppError('invalid', 'only log selectors are supported')
  const range = rangeParameters(params, context)
  const stepMs = stepParameter(params, range)
  const steps = Math.ceil(Number((range.endNs - range.startNs) / MS) / stepMs)
  if (steps > MAX_STEPS || range.endNs <= range.startNs) return render([])
  const widthNs = (range.endNs - range.startNs) / BigInt(PIECES) + 1n
  const volumes = await context.sources.logVolumes.volumes(
    context.scope,
    { matchers: expr.matchers, startNs: range.startNs, endNs: range.startNs + widthNs * BigInt(PIECES), steps: PIECES },
    context.signal,
  )
  // By level, as lines of different levels are different kinds.
  const kinds = new Map<string, LogTemplates>()
  const scales = new Map<number, number>()
  for (let piece = 0; piece < PIECES; piece++) {
    const stored = volumes.reduce((sum, { lines }) => sum + (lines[piece] ?? 0), 0)
    if (stored === 0) continue
    const startNs = range.startNs + widthNs * BigInt(piece)
    const endNs = startNs + widthNs < range.endNs ? startNs + widthNs : range.endNs
    const lines = await sampleLines(query, { startNs, endNs }, LINES_PER_PIECE, context)
    // A sample that is full stands for all lines of its piece.
    const scale = lines.length < LINES_PER_PIECE ? 1 : stored / lines.length
    for (const { timeNs, line, metadata } of lines) {
      const level = metadata['detected_level'] ?? ''
      const templates = kinds.get(level) ?? new LogTemplates()
      kinds.set(level, templates)
      const step = Math.floor(Number((timeNs - range.startNs) / MS) / stepMs)
      scales.set(step, scale)
      templates.add(line, step)
    }
  }
  const startMs = Number(range.startNs / MS)
  const found = [...kinds].flatMap(([level, templates]) =>
    templates.templates.map(({ tokens, counts }) => {
      const samples = [...counts]
        .sort(([a], [b]) => a - b)
        .map(([step, count]) => {
          const timeS = Math.floor((startMs + step * stepMs) / 1000)
          return [timeS, Math.round(count * (scales.get(step) ?? 1))] as const
        })
      return { pattern: renderTemplate(tokens), level, samples, total: samples.reduce((sum, [, n]) => sum + n, 0) }
    }),
  )
  return render(found.sort((a, b) => b.total - a.total).slice(0, MAX_PATTERNS))
}

interface Pattern {
  readonly pattern: string
  readonly level: string
  readonly samples: readonly (readonly [number, number])[]
}

function render(found: readonly Pattern[]): ReturnType<typeof jsonResponse> {
  const data = found.map(({ pattern, level, samples }) => ({ pattern, ...(level === '' ? {} : { level }), samples }))
  return jsonResponse(JSON.stringify({ status: 'success', data }))
}
