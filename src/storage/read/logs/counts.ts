import type { Labels } from '../../../model/index.ts'
import {
  labelsKey,
  type LineCondition,
  type LogCountAnswer,
  type LogCountRequest,
  type LogCounts,
} from '../../../query/index.ts'
import type { StoreClient } from '../../client.ts'
import { i64, sql, type Sql, timeNs } from '../../sql.ts'
import type { Block } from '../native-decoder.ts'
import { arrayOf, bigintOf, numberListOf, numberOf, queryBlocks, readText } from '../rows.ts'
import { readAttributeKeys } from './attribute-keys.ts'
import { type MetadataText, type MetadataTexts, toFieldCondition, toRowCondition } from './conditions.ts'
import { INSERTION_ORDER } from './line-blocks.ts'
import { type LineFields, lineFields } from './line-fields.ts'
import { metadataTexts } from './metadata-text.ts'
import { ofStreams, type StoredStream } from './streams.ts'
import { SEARCH_SETTINGS } from './search-settings.ts'
import type { FoundStreams } from './volumes.ts'
import { Windows } from './windows.ts'

/** Numbers in lines are compared as they are written. */
const SETTINGS = { ...SEARCH_SETTINGS, precise_float_parsing: 1 }

/** Values that are held at once, of all series and buckets. */
const MAX_VALUES = 16_777_216

/** Counts in the engine; undefined where it would not come to exactly what reading the lines comes to. */
export async function countLines(
  client: StoreClient,
  { streams, where }: FoundStreams,
  request: LogCountRequest,
  signal: AbortSignal,
): Promise<LogCountAnswer | undefined> {
  if (request.by === 'all') return undefined
  const windows = Windows.of(request)
  if (windows === undefined) return undefined
  const startNs = windows.baseNs + 1n
  const endNs = windows.lastNs + 1n
  const rows = sql`${ofStreams(streams, where)} AND time >= ${timeNs(startNs)} AND time < ${timeNs(endNs)}`
  // Fields mostly have names that no attribute has; to know it spares reading the attributes' values.
  const plain = request.fields === undefined ? planCount(request, streams, metadataTexts()) : undefined
  const plan = plain ?? planCount(request, streams, metadataTexts(await readAttributeKeys(client, rows, signal)))
  if (plan === undefined) return undefined
  const counting = {
    plan,
    windows,
    measure: request.measure,
    readsText: readsText(request),
    rows: sql`${rows} AND (${plan.where})`,
  }
  for (const source of [asStored, once]) {
    const statement = toStatement(counting, source(counting))
    const blocks = await queryBlocks(client, statement, signal, SETTINGS)
    if (blocks.some((block) => anyRow(block, 'doubtful', (doubtful) => doubtful > 0))) return undefined
    const isRepeated = (block: Block): boolean => {
      const times = numberOf(block, 'times')
      const stored = numberOf(block, 'stored')
      return Array.from({ length: block.rows }, (_, row) => row).some((row) => times(row) < stored(row))
    }
    // Where no two lines of a stream have the same time, none can have been stored twice.
    if (source === asStored && blocks.some(isRepeated)) continue
    const series = collect(blocks, streams, plan, windows)
    return series && { series, lines: total(blocks, 'stored'), bytes: total(blocks, 'text') }
  }
  return undefined
}

interface Plan {
  readonly where: Sql
  readonly by: readonly string[]
  /** By name, those that some streams do not have. */
  readonly metadata: ReadonlyMap<string, MetadataText>
  readonly doubtful: readonly Sql[]
}

interface Counting {
  readonly plan: Plan
  readonly windows: Windows
  readonly measure: LogCountRequest['measure']
  readonly readsText: boolean
  readonly rows: Sql
}

function planCount(request: LogCountRequest, streams: readonly StoredStream[], texts: MetadataTexts): Plan | undefined {
  if (request.by === 'all') return undefined
  const condition = toRowCondition(request.condition, streams, texts)
  const fields = request.fields && lineFields(request.fields.parser)
  const labels = fields === undefined ? texts : withFields(texts, fields)
  const ofFields = (request.fields?.conditions ?? []).map((one) => toFieldCondition(one, streams, labels))
  if (![condition, ...ofFields].every(({ exact }) => exact)) return undefined
  const metadata = new Map<string, MetadataText>()
  for (const name of request.by) {
    if (streams.every((stream) => Object.hasOwn(stream.labels, name))) continue
    const text = labels(name)
    if (text === undefined) return undefined
    metadata.set(name, text)
  }
  const irregular = fields === undefined ? [] : [fields.irregular]
  const where = sql`${condition.where} AND ${sql.or([sql.and(ofFields.map((one) => one.where)), ...irregular])}`
  const parts = [condition, ...ofFields, ...metadata.values()]
  return { where, by: request.by, metadata, doubtful: [...irregular, ...parts.flatMap(({ doubtful }) => doubtful)] }
}

/** What a line says of itself comes after what is said of it. */
function withFields(metadata: MetadataTexts, { field }: LineFields): MetadataTexts {
  return (name) => {
    const said = metadata(name)
    const found = field(name)
    if (said === undefined || found === undefined) return undefined
    const text = sql`if(${said.text} != '', ${said.text}, ${found.text})`
    return { text, doubtful: [...said.doubtful, ...found.doubtful] }
  }
}

/** Whether the engine reads lines for it. */
function readsText({ fields, measure, condition }: LogCountRequest): boolean {
  return fields !== undefined || measure === 'bytes' || looksAtLine(condition)
}

function looksAtLine(condition: LineCondition): boolean {
  return condition.t === 'all' || condition.t === 'any' ? condition.of.some(looksAtLine) : condition.t !== 'label'
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
function toStatement({ plan, measure, readsText: hasText }: Counting, source: Sql): Sql {
  const value = sql.raw(measure === 'lines' ? 'count()' : 'sum(bytes)')
  const keys = names(plan)
  const lists = keys.map((name) => sql`groupArray(${name}) AS ${name}s`)
  const inner = sql.join(
    [
      sql`stream, bucket, count() AS n, ${value} AS v, uniqExactState(time) AS seen, countIf(is_doubtful) AS d`,
      sql`${sql.raw(hasText ? 'sum(bytes)' : '0')} AS b`,
      ...keys,
    ],
    ', ',
  )
  const outer = sql.join(
    [
      sql`stream, bucket, sum(n) AS stored, uniqExactMerge(seen) AS times, sum(d) AS doubtful`,
      sql`sum(b) AS text`,
      sql`groupArray(toFloat64(n)) AS ns, groupArray(toFloat64(v)) AS vs`,
      ...lists,
    ],
    ', ',
  )
  const by = sql.join([sql.raw('stream, bucket'), ...keys], ', ')
  return sql`SELECT ${outer} FROM (SELECT ${inner} FROM (${source}) GROUP BY ${by}) GROUP BY stream, bucket`
}

function total(blocks: readonly Block[], column: string): number {
  let sum = 0
  for (const block of blocks) {
    const value = numberOf(block, column)
    for (let row = 0; row < block.rows; row++) sum += value(row)
  }
  return sum
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
