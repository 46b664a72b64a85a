import type { Labels } from '../../../model/index.ts'
import { labelsKey, type LogCountRequest, type LogCounts } from '../../../query/index.ts'
import type { StoreClient } from '../../client.ts'
import { i64, sql, type Sql, timeNs } from '../../sql.ts'
import type { Block } from '../native-decoder.ts'
import { arrayOf, bigintOf, numberListOf, numberOf, queryBlocks, readText } from '../rows.ts'
import { readAttributeKeys } from './attribute-keys.ts'
import { type MetadataText, type MetadataTexts, type RowCondition, toRowCondition } from './conditions.ts'
import { INSERTION_ORDER } from './line-blocks.ts'
import { metadataTexts } from './metadata-text.ts'
import { ofStreams, type StoredStream } from './streams.ts'
import { SEARCH_SETTINGS } from './search-settings.ts'
import type { FoundStreams } from './volumes.ts'
import { Windows } from './windows.ts'

/** Values that are held at once, of all series and buckets. */
const MAX_VALUES = 16_777_216

/** Counts in the engine; undefined where it would not come to exactly what reading the lines comes to. */
export async function countLines(
  client: StoreClient,
  { streams, where }: FoundStreams,
  request: LogCountRequest,
  signal: AbortSignal,
): Promise<readonly LogCounts[] | undefined> {
  if (request.by === 'all') return undefined
  const windows = Windows.of(request)
  if (windows === undefined) return undefined
  const startNs = windows.baseNs + 1n
  const endNs = windows.lastNs + 1n
  const rows = sql`${ofStreams(streams, where)} AND time >= ${timeNs(startNs)} AND time < ${timeNs(endNs)}`
  const plain = planCount(request, streams, metadataTexts())
  const plan = plain ?? planCount(request, streams, metadataTexts(await readAttributeKeys(client, rows, signal)))
  if (plan === undefined) return undefined
  const counting = { plan, windows, measure: request.measure, rows: sql`${rows} AND (${plan.condition.where})` }
  for (const source of [asStored, once]) {
    const statement = toStatement(counting, source(counting))
    const blocks = await queryBlocks(client, statement, signal, SEARCH_SETTINGS)
    if (blocks.some((block) => anyRow(block, 'doubtful', (doubtful) => doubtful > 0))) return undefined
    const isRepeated = (block: Block): boolean => {
      const times = numberOf(block, 'times')
      const stored = numberOf(block, 'stored')
      return Array.from({ length: block.rows }, (_, row) => row).some((row) => times(row) < stored(row))
    }
    // Where no two lines of a stream have the same time, none can have been stored twice.
    if (source === asStored && blocks.some(isRepeated)) continue
    return collect(blocks, streams, plan, windows)
  }
  return undefined
}

interface Plan {
  readonly condition: RowCondition
  readonly by: readonly string[]
  /** By name, those that some streams do not have. */
  readonly metadata: ReadonlyMap<string, MetadataText>
  readonly doubtful: readonly Sql[]
}

interface Counting {
  readonly plan: Plan
  readonly windows: Windows
  readonly measure: LogCountRequest['measure']
  readonly rows: Sql
}

function planCount(request: LogCountRequest, streams: readonly StoredStream[], texts: MetadataTexts): Plan | undefined {
  if (request.by === 'all') return undefined
  const condition = toRowCondition(request.condition, streams, texts)
  if (!condition.exact) return undefined
  const metadata = new Map<string, MetadataText>()
  for (const name of request.by) {
    if (streams.every(({ labels }) => Object.hasOwn(labels, name))) continue
    const text = texts(name)
    if (text === undefined) return undefined
    metadata.set(name, text)
  }
  const doubtful = [...condition.doubtful, ...[...metadata.values()].flatMap((text) => text.doubtful)]
  return { condition, by: request.by, metadata, doubtful }
}

const bucketOf = ({ baseNs, widthNs }: Windows): Sql =>
  sql`intDiv(toUnixTimestamp64Nano(time) - ${i64(baseNs)} - 1, ${i64(widthNs)})`

const metadataColumns = ({ metadata }: Plan): readonly Sql[] =>
  [...metadata.values()].map(({ text }, i) => sql`${text} AS m${sql.raw(String(i))}`)

const names = ({ metadata }: Plan): readonly Sql[] => [...metadata.keys()].map((_, i) => sql.raw(`m${String(i)}`))

/** The rows as they are. */
function asStored({ plan, windows, rows }: Counting): Sql {
  const columns = sql.join(
    [
      sql`stream, time, ${bucketOf(windows)} AS bucket, length(body) AS bytes`,
      sql`${sql.or(plan.doubtful)} AS is_doubtful`,
      ...metadataColumns(plan),
    ],
    ', ',
  )
  return sql`SELECT ${columns} FROM logs WHERE ${rows}`
}

/** Each line once, with the metadata of the first that was stored. */
function once({ plan, windows, rows }: Counting): Sql {
  const order = sql.raw(INSERTION_ORDER)
  const first = names(plan).map((name) => sql`argMin(${name}, seq) AS ${name}`)
  const outer = sql.join(
    [sql`stream, time, ${bucketOf(windows)} AS bucket, any(size) AS bytes, max(doubt) AS is_doubtful`, ...first],
    ', ',
  )
  const inner = sql.join(
    [
      sql`stream, time, sipHash128(body) AS hash, length(body) AS size, ${order} AS seq`,
      sql`${sql.or(plan.doubtful)} AS doubt`,
      ...metadataColumns(plan),
    ],
    ', ',
  )
  return sql`SELECT ${outer} FROM (SELECT ${inner} FROM logs WHERE ${rows}) GROUP BY stream, time, hash`
}

/** One row a stream and bucket, with lists of what its metadata comes to and how much of each there is. */
function toStatement({ plan, measure }: Counting, source: Sql): Sql {
  const value = sql.raw(measure === 'lines' ? 'count()' : 'sum(bytes)')
  const keys = names(plan)
  const lists = keys.map((name) => sql`groupArray(${name}) AS ${name}s`)
  const inner = sql.join(
    [
      sql`stream, bucket, count() AS n, ${value} AS v, uniqExactState(time) AS seen, countIf(is_doubtful) AS d`,
      ...keys,
    ],
    ', ',
  )
  const outer = sql.join(
    [
      sql`stream, bucket, sum(n) AS stored, uniqExactMerge(seen) AS times, sum(d) AS doubtful`,
      sql`groupArray(toFloat64(n)) AS ns, groupArray(toFloat64(v)) AS vs`,
      ...lists,
    ],
    ', ',
  )
  const by = sql.join([sql.raw('stream, bucket'), ...keys], ', ')
  return sql`SELECT ${outer} FROM (SELECT ${inner} FROM (${source}) GROUP BY ${by}) GROUP BY stream, bucket`
}

function anyRow(block: Block, column: string, test: (value: number) => boolean): boolean {
  const value = numberOf(block, column)
  for (let row = 0; row < block.rows; row++) if (test(value(row))) return true
  return false
}

interface Group {
  readonly labels: Labels
  readonly lines: Float64Array
  readonly values: Float64Array
}

function collect(
  blocks: readonly Block[],
  streams: readonly StoredStream[],
  { by, metadata }: Plan,
  windows: Windows,
): readonly LogCounts[] | undefined {
  const labelsById = new Map(streams.map(({ id, labels }) => [id, labels]))
  const groups = new Map<string, Group>()
  for (const block of blocks) {
    const stream = bigintOf(block, 'stream')
    const bucket = numberOf(block, 'bucket')
    const ns = numberListOf(block, 'ns')
    const vs = numberListOf(block, 'vs')
    const texts = new Map([...metadata.keys()].map((name, i) => [name, arrayOf(block, `m${String(i)}s`, readText)]))
    for (let row = 0; row < block.rows; row++) {
      const ofStream = labelsById.get(stream(row)) ?? {}
      const [lines, values] = [ns(row), vs(row)]
      for (let i = 0; i < lines.length; i++) {
        const labels = labelsBy(by, ofStream, (name) => texts.get(name)?.(row)[i] ?? '')
        const key = labelsKey(labels)
        let group = groups.get(key)
        if (group === undefined) {
          if ((groups.size + 1) * windows.buckets > MAX_VALUES) return undefined
          group = { labels, lines: new Float64Array(windows.buckets), values: new Float64Array(windows.buckets) }
          groups.set(key, group)
        }
        const at = bucket(row)
        group.lines[at] = (group.lines[at] ?? 0) + (lines[i] ?? 0)
        group.values[at] = (group.values[at] ?? 0) + (values[i] ?? 0)
      }
    }
  }
  return [...groups.values()].map(({ labels, lines, values }) => ({ labels, values: windows.sums(lines, values) }))
}

function labelsBy(by: readonly string[], ofStream: Labels, metadata: (name: string) => string): Labels {
  const labels: Record<string, string> = {}
  for (const name of by) {
    const value = Object.hasOwn(ofStream, name) ? (ofStream[name] ?? '') : metadata(name)
    if (value !== '') labels[name] = value
  }
  return labels
}
