import { AppError } from '../../core/index.ts'
import { parsePromDuration } from '../duration.ts'
import { parseGoFloat } from '../go-float.ts'
import {
  addHistograms,
  bucketsOf,
  CUSTOM_SCHEMA,
  EMPTY_HISTOGRAM,
  type FloatHistogram,
  type ResetHint,
  subtractHistograms,
  withHint,
} from '../promql/histogram/index.ts'

/** A sample of a script; undefined is a gap. */
export type ScriptValue = number | 'stale' | FloatHistogram | undefined

const NUMBER = String.raw`(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`
const FLOATS = new RegExp(`^([-+]?(?:${NUMBER}|inf|nan))(?:([-+]${NUMBER})?x(\\d+))?$`, 'i')
const HISTOGRAMS = /^(\{\{.*?\}\})(?:(?:([-+])(\{\{.*?\}\}))?x(\d+))?$/s

/**
 * Values in the expanding notation: `1`, `_`, `_x3`, `1x3`, `1+2x3`, `1-2x3`, `stale`, and histograms in place of the
 * numbers: `{{schema:0 sum:5 count:4 buckets:[1 2 1]}}+{{sum:2 count:1 buckets:[1]}}x3`.
 */
export function expandValues(text: string): ScriptValue[] {
  return itemsOf(text).flatMap((item): ScriptValue[] => {
    if (item === 'stale') return ['stale']
    const gap = /^_(?:x(\d+))?$/.exec(item)
    if (gap !== null) return Array.from({ length: Number(gap[1] ?? 1) }, () => undefined)
    return item.startsWith('{{') ? expandHistograms(item) : expandFloats(item)
  })
}

/** The items between spaces; those within `{{…}}` belong to it. */
function itemsOf(text: string): string[] {
  return text.match(/(?:\{\{.*?\}\}|[^\s{])+/gs) ?? []
}

function expandFloats(item: string): number[] {
  const match = FLOATS.exec(item)
  if (match === null) throw unreadable(item)
  const start = parseGoFloat(match[1] ?? '') ?? NaN
  const step = Number(match[2] ?? 0)
  const values: number[] = []
  for (let i = 0, value = start; i <= Number(match[3] ?? 0); i++, value += step) values.push(value)
  return values
}

function expandHistograms(item: string): FloatHistogram[] {
  const match = HISTOGRAMS.exec(item)
  if (match === null) throw unreadable(item)
  const [, first = '', sign, step, times = '0'] = match
  const start = parseHistogram(first)
  const change = step === undefined ? EMPTY_HISTOGRAM : parseHistogram(step)
  const values = [start]
  for (let i = 0, value = start; i < Number(times); i++) {
    if (step !== undefined) {
      const next = sign === '-' ? subtractHistograms(value, change) : addHistograms(value, change)
      if (next === undefined) throw unreadable(item)
      value = withHint(next.histogram, start.resetHint)
    }
    values.push(value)
  }
  return values
}

const HINTS: Readonly<Record<string, ResetHint>> = {
  unknown: 'unknown',
  reset: 'reset',
  not_reset: 'not-reset',
  gauge: 'gauge',
}

/** `{{schema:0 sum:5 count:4 z_bucket:1 z_bucket_w:0.5 offset:1 buckets:[1 2 1] …}}` */
function parseHistogram(text: string): FloatHistogram {
  const fields = new Map<string, string>()
  for (const [, key = '', value = ''] of text.slice(2, -2).matchAll(/([a-z_]+)\s*:\s*(\[[^\]]*\]|\S+)/g)) {
    fields.set(key, value)
  }
  const number = (key: string): number => {
    const value = fields.get(key)
    if (value === undefined) return 0
    return parseGoFloat(value) ?? NaN
  }
  const list = (key: string): number[] =>
    (fields.get(key) ?? '[]')
      .slice(1, -1)
      .split(/\s+/)
      .filter((item) => item !== '')
      .map((item) => parseGoFloat(item) ?? NaN)
  const buckets = (key: string, offset: number): FloatHistogram['positive'] => {
    const counts = list(key)
    return bucketsOf(
      counts.map((_, i) => offset + i),
      counts,
    )
  }
  const schema = number('schema')
  const resetHint = HINTS[fields.get('counter_reset_hint') ?? 'unknown']
  if (resetHint === undefined) throw unreadable(text)
  return {
    schema,
    resetHint,
    count: number('count'),
    sum: number('sum'),
    zeroThreshold: schema === CUSTOM_SCHEMA ? 0 : number('z_bucket_w'),
    zeroCount: number('z_bucket'),
    positive: buckets('buckets', number('offset')),
    negative: buckets('n_buckets', number('n_offset')),
    customValues: list('custom_values'),
  }
}

/** Times relative to those of the samples: `-60s-1mx4`, `0`, `1ms`, `_`. Milliseconds; undefined is a gap. */
export function expandOffsets(text: string): (number | undefined)[] {
  return itemsOf(text).flatMap((item): (number | undefined)[] => {
    const gap = /^_(?:x(\d+))?$/.exec(item)
    if (gap !== null) return Array.from({ length: Number(gap[1] ?? 1) }, () => undefined)
    const match = /^([-+]?)([\da-z.]+?)(?:([-+])([\da-z.]+?))?(?:x(\d+))?$/.exec(item)
    if (match === null) throw unreadable(item)
    const [, sign, start = '', stepSign, step = '0', times = '0'] = match
    const first = signed(sign, parseScriptTime(start))
    const each = signed(stepSign, parseScriptTime(step))
    return Array.from({ length: Number(times) + 1 }, (_, i) => first + i * each)
  })
}

function signed(sign: string | undefined, ms: number): number {
  return sign === '-' ? -ms : ms
}

/** `50m`, `1h30m`, or seconds as a number. Milliseconds. */
export function parseScriptTime(text: string): number {
  const negative = text.startsWith('-')
  const bare = negative ? text.slice(1) : text
  const duration = parsePromDuration(bare)
  const ms = typeof duration === 'number' ? duration : Math.round(Number(bare) * 1000)
  if (Number.isNaN(ms)) throw unreadable(text)
  return negative ? -ms : ms
}

function unreadable(item: string): AppError {
  return new AppError('invalid', `PromQL script: cannot read ${JSON.stringify(item)}`)
}
