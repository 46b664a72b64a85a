import { AppError } from '../../core/index.ts'
import { type Labels, METRIC_NAME, type Scope, type TimeRange } from '../../model/index.ts'
import type { SeriesSamples } from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import type { ChunkAnswer, ChunkRows } from '../packed/chunk-answer.ts'
import { SampleJoiner, type Samples } from '../packed/join-samples.ts'
import { chunksOf } from '../packed/select-chunks.ts'
import { i64, sql, type Sql, u64, u64Array } from '../sql.ts'
import type { Besides } from './besides.ts'
import { overLimit } from './limits.ts'
import { type AnswerPlace, giveBackMemory, type PieceMemory, takeMemory, takePlace } from './piece-memory.ts'
import { bigintOf, floatsOf, queryBlocks, timesOf } from './rows.ts'
import { type AnswerMemory, SampleAnswer } from './sample-answer.ts'
import { ascending, hasConflict } from './sample-order.ts'
import { startsBeside } from './sample-starts.ts'
import { sampleRowsIn } from './sampled-in.ts'
import { inTenants } from './scope.ts'
import { RunCollector, type SampleLists, type SampleRows } from './series-runs.ts'

export interface SamplesRequest {
  readonly scope: Scope
  /** Selects the series, over table `series`. */
  readonly where: Sql
  /** startMs < t ≤ endMs. */
  readonly range: TimeRange
  /** The part of it whose samples are read packed: see `packedStretch`. */
  readonly packed?: TimeRange | undefined
  /** That may be read in all. */
  readonly maxSamples: number
}

interface Series {
  readonly id: bigint
  readonly labels: Labels
}

/** An answer of the engine is to have about so many rows, or three packed samples for a row, … */
const ROWS_PER_ANSWER = 500_000
/** … and may have so many: more series have more samples than was thought, and are asked for again in halves. */
const MAX_ROWS_PER_ANSWER = 4_000_000
const PACKED_PER_ROW = 3
const MAX_PACKED_BYTES = 64 * 1024 * 1024
/** Their ids stand in the statement, which the engine reads up to 256 KiB. */
const MAX_SERIES_PER_ANSWER = 4_000
/** More are read by two threads, each of which makes an answer. */
const WORTH_TWO_ANSWERS = 150_000
/** One answer is worked on while the engine makes the next. */
const ANSWERS_AT_ONCE = 2
/** Answers are made beside each other already; a thread for each is the least work for both. */
const ONE_THREAD = { max_threads: 1 }
/** How often a series is thought to have samples, until some were seen. */
const USUAL_INTERVAL_MS = 15_000
/** Times are sent as 32 bits when the range is no longer. */
const MAX_TIME = 2 ** 32

/**
 * The samples of the series, in pieces of whole series, in the order of the series. The arrays of a piece are
 * overwritten when the next one is asked for. Series without any samples are left out.
 */
export async function* samplePieces(
  client: StoreClient,
  series: readonly Series[],
  request: SamplesRequest,
  besides: Promise<Besides>,
  signal: AbortSignal,
): AsyncGenerator<readonly SeriesSamples[]> {
  const memory = takeMemory()
  const reader = new PieceReader(client, request, memory, signal)
  const waiting: Promise<Answer>[] = []
  let next = 0
  while (waiting.length > 0 || next < series.length) {
    while (waiting.length < ANSWERS_AT_ONCE && next < series.length) {
      const size = reader.seriesInNext(series.length - next)
      const asked = reader.ask(series.slice(next, next + size))
      // Whoever is waited for first says what went wrong.
      asked.catch(() => undefined)
      waiting.push(asked)
      next += size
    }
    const answer = await waiting.shift()
    if (answer !== undefined) yield* reader.open(answer, besides)
  }
  // Not where it was broken off: an answer may still come in.
  giveBackMemory(memory)
}

interface Answer {
  readonly series: readonly Series[]
  readonly tags: readonly number[]
  readonly blocks: readonly SampleRows[]
  readonly chunks: ChunkRows | undefined
  /** Whether there is more to it than was to be read at once. */
  readonly tooMuch: boolean
  /** Where all of it lies. */
  readonly place: AnswerPlace
}

class PieceReader {
  readonly #client: StoreClient
  readonly #request: SamplesRequest
  readonly #signal: AbortSignal
  /** What is read as rows. */
  readonly #ranges: readonly TimeRange[]
  readonly #memory: PieceMemory
  readonly #joiner: SampleJoiner | undefined
  #rowsPerSeries: number
  #read = 0

  constructor(client: StoreClient, request: SamplesRequest, memory: PieceMemory, signal: AbortSignal) {
    const { range, packed } = request
    this.#client = client
    this.#request = request
    this.#signal = signal
    this.#ranges = besidesPacked(range, packed)
    this.#memory = memory
    this.#joiner = packed && new SampleJoiner(packed, memory.unpacking)
    const packedMs = packed === undefined ? 0 : packed.endMs - packed.startMs
    const weightMs = range.endMs - range.startMs - packedMs + packedMs / PACKED_PER_ROW
    this.#rowsPerSeries = Math.max(1, weightMs / USUAL_INTERVAL_MS)
  }

  /** Of how many of the series that are left the next answer is to be: so that answers come in pairs of one size. */
  seriesInNext(left: number): number {
    const rows = left * this.#rowsPerSeries
    const pairs = Math.ceil(rows / (ROWS_PER_ANSWER * ANSWERS_AT_ONCE))
    const answers = rows > WORTH_TWO_ANSWERS ? pairs * ANSWERS_AT_ONCE : 1
    return Math.min(MAX_SERIES_PER_ANSWER, Math.ceil(left / answers))
  }

  async ask(series: readonly Series[]): Promise<Answer> {
    const { tags, shift } = tagsOf(series)
    const place = takePlace(this.#memory)
    const [blocks, chunks] = await Promise.all([
      this.#askRows(series, shift, place.rows),
      this.#askChunks(series, shift, place.chunks),
    ])
    const rows = blocks.reduce((sum, block) => sum + block.tags.length, 0)
    const tooMuch = series.length > 1 && (rows >= MAX_ROWS_PER_ANSWER || place.chunks.length > MAX_PACKED_BYTES)
    return {
      series,
      tags,
      blocks,
      chunks: tooMuch || !chunks ? undefined : place.chunks.rowsOf(tags),
      tooMuch,
      place,
    }
  }

  async #askRows(series: readonly Series[], shift: number, memory: AnswerMemory): Promise<readonly SampleRows[]> {
    const answer = new SampleAnswer(memory)
    if (this.#ranges.length === 0) return []
    const statement = this.#statement(series, shift)
    await this.#client.read(statement, { format: 'Native', signal: this.#signal, settings: ONE_THREAD }, (piece) => {
      answer.write(piece)
    })
    return answer.finish()
  }

  /** Whether there may be chunks. */
  async #askChunks(series: readonly Series[], shift: number, answer: ChunkAnswer): Promise<boolean> {
    const { packed, scope } = this.#request
    if (packed === undefined) return false
    answer.clear()
    const ids = series.map(({ id }) => id)
    const names = new Set(series.map(({ labels }) => labels[METRIC_NAME] ?? ''))
    const statement = chunksOf({ tenants: inTenants(scope), names, ids, shift, range: packed })
    await this.#client.read(statement, { format: 'Native', signal: this.#signal, settings: ONE_THREAD }, (piece) => {
      // Of one series all has to be taken; of several, what is too much is thrown away and asked for in halves.
      if (series.length === 1 || answer.length <= MAX_PACKED_BYTES) answer.write(piece)
    })
    return true
  }

  /** In one piece or several. */
  async *open(
    { series, tags, blocks, chunks, tooMuch, place }: Answer,
    besides: Promise<Besides>,
  ): AsyncGenerator<readonly SeriesSamples[]> {
    const rows = blocks.reduce((sum, block) => sum + block.tags.length, 0)
    const packed = chunks?.samples.reduce((sum, samples) => sum + samples, 0) ?? 0
    if (tooMuch) {
      this.#rowsPerSeries = Math.max(2 * this.#rowsPerSeries, rows / series.length)
      this.#memory.places.push(place)
      const middle = Math.ceil(series.length / 2)
      for (const half of [series.slice(0, middle), series.slice(middle)]) {
        yield* this.open(await this.ask(half), besides)
      }
      return
    }
    this.#rowsPerSeries = Math.max(1, (rows + packed / PACKED_PER_ROW) / series.length)
    this.#read += rows + packed
    if (this.#read > this.#request.maxSamples) throw overLimit('samples', this.#request.maxSamples)
    const lists = await this.#lists(series, tags, blocks)
    if (chunks === undefined || this.#joiner === undefined) {
      const piece = together(series, lists, await besides)
      if (piece.length > 0) yield piece
    } else {
      for (const { first, samples } of this.#joiner.groups(chunks, lists)) {
        const piece = together(series.slice(first, first + samples.length), samples, await besides)
        if (piece.length > 0) yield piece
      }
    }
    this.#memory.places.push(place)
  }

  /** Every row: the fast way, which suffices while no sample was overwritten. */
  #statement(series: readonly Series[], shift: number): Sql {
    const { range, maxSamples } = this.#request
    const limit = series.length === 1 ? maxSamples + 1 : MAX_ROWS_PER_ANSWER
    const short = range.endMs - range.startMs < MAX_TIME
    const time = sql`toUnixTimestamp64Milli(time) - ${i64(Math.floor(range.startMs))}`
    return sql`SELECT toUInt32(bitShiftRight(series, ${u64(shift)})) AS tag,
      ${short ? sql`toUInt32(${time})` : sql`toFloat64(${time})`} AS at, value
    FROM samples WHERE ${this.#selected(series.map(({ id }) => id))} LIMIT ${u64(limit)}`
  }

  #selected(ids: readonly bigint[]): Sql {
    const { scope } = this.#request
    const sampled = sql.join(this.#ranges.map(sampleRowsIn), ' OR ')
    return sql`${inTenants(scope)} AND (${sampled}) AND series IN ${u64Array(ids)}`
  }

  async #lists(
    series: readonly Series[],
    tags: readonly number[],
    blocks: readonly SampleRows[],
  ): Promise<readonly Samples[]> {
    const lists = new RunCollector(tags, blocks).collect(Math.floor(this.#request.range.startMs), this.#memory.buffers)
    const samples = series.map((_, i) => listOf(lists, i))
    const conflicts = series.flatMap(({ id }, i) => {
      const list = samples[i]
      return list !== undefined && lists.unsorted[i] === 1 && hasConflict(list) ? [{ id, i }] : []
    })
    if (conflicts.length > 0) {
      const last = await this.#last(conflicts.map(({ id }) => id))
      for (const { id, i } of conflicts) samples[i] = last.get(id) ?? NO_FLOATS
    }
    return samples
  }

  /** Of the rows for one time only the one that was written last, which merges may not have come to yet. */
  async #last(ids: readonly bigint[]): Promise<ReadonlyMap<bigint, Samples>> {
    const blocks = await queryBlocks(
      this.#client,
      sql`SELECT series, toFloat64(toUnixTimestamp64Milli(time)) AS at, argMax(value, version) AS value
        FROM samples WHERE ${this.#selected(ids)}
        GROUP BY tenant_id, series, time ORDER BY series, time LIMIT ${u64(this.#request.maxSamples + 1)}`,
      this.#signal,
    )
    const lists = new Map<bigint, { at: number[]; from: Float64Array[] }>()
    for (const block of blocks) {
      const [id, at, value] = [bigintOf(block, 'series'), timesOf(block, 'at'), floatsOf(block, 'value')]
      for (let row = 0; row < block.rows; row++) {
        const list = lists.get(id(row)) ?? { at: [], from: [] }
        lists.set(id(row), list)
        list.at.push(at[row] ?? 0)
        list.from.push(value.subarray(row, row + 1))
      }
    }
    return new Map(
      [...lists].map(([id, { at, from }]) => [id, { timesMs: Float64Array.from(at), values: joined(from) }]),
    )
  }
}

/** Copied as bytes: see `RunCollector`. */
function joined(parts: readonly Float64Array[]): Float64Array {
  const values = new Float64Array(parts.length)
  parts.forEach((part, i) => {
    values.set(part, i)
  })
  return values
}

function listOf({ timesMs, values, bounds, unsorted, stale }: SampleLists, i: number): Samples {
  const [from, to] = [bounds[i], bounds[i + 1]]
  const list = { timesMs: timesMs.subarray(from, to), values: values.subarray(from, to), staleFree: stale[i] === 0 }
  return unsorted[i] === 1 ? ascending(list.timesMs, list.values) : list
}

/**
 * Thirty-two bits of the ids by which all of them differ, so that a row need not have all sixty-four. Ids are hashes:
 * that two of a few thousand agree in any of these bits happens once in a thousand times, in all of them never.
 */
function tagsOf(series: readonly Series[]): { readonly tags: readonly number[]; readonly shift: number } {
  for (let shift = 0; shift <= 32; shift += 4) {
    const tags = series.map(({ id }) => Number((id >> BigInt(shift)) & 0xffff_ffffn))
    if (new Set(tags).size === tags.length) return { tags, shift }
  }
  throw new AppError('internal', 'BUG: ids of series that are no hashes')
}

const NO_FLOATS: Samples = { timesMs: new Float64Array(0), values: new Float64Array(0) }

/** What is left of a range without a part of it. */
function besidesPacked(range: TimeRange, packed: TimeRange | undefined): readonly TimeRange[] {
  if (packed === undefined) return [range]
  const before = { startMs: range.startMs, endMs: packed.startMs }
  const behind = { startMs: packed.endMs, endMs: range.endMs }
  return [before, behind].filter(({ startMs, endMs }) => startMs < endMs)
}

function together(
  series: readonly Series[],
  floats: readonly (Samples | undefined)[],
  besides: Besides,
): SeriesSamples[] {
  const piece: SeriesSamples[] = []
  series.forEach(({ id, labels }, i) => {
    const samples = floats[i] ?? NO_FLOATS
    const histograms = besides.histograms.get(id)
    if (samples.timesMs.length === 0 && histograms === undefined) return
    const starts = besides.starts.get(id)
    const one = { labels, ...withStarts(samples, starts) }
    piece.push(histograms === undefined ? one : { ...one, histograms: withStarts(histograms, starts) })
  })
  return piece
}

function withStarts<T extends { readonly timesMs: Float64Array }>(
  samples: T,
  starts: ReadonlyMap<number, number> | undefined,
): T & { readonly startsMs?: Float64Array } {
  if (starts === undefined) return samples
  const startsMs = startsBeside(samples.timesMs, starts)
  return startsMs === undefined ? samples : { ...samples, startsMs }
}
