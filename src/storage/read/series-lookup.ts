import { type Labels, METRIC_NAME } from '../../model/index.ts'
import type { StoreClient } from '../client.ts'
import { sql, type Sql, u64 } from '../sql.ts'
import { seriesLabel } from './matchers.ts'
import type { Block } from './native-decoder.ts'
import { bigintOf, entriesOf, queryBlocks, textOf } from './rows.ts'

/** A series of the store; `id` is unique over all tenants, because the tenant is one of the labels. */
export interface FoundSeries {
  readonly id: bigint
  readonly labels: Labels
}

export interface LookupOptions {
  /** At most so many series. */
  readonly limit: number
  /** The only labels wanted, beside the name; absent: all. Series with the same ones then share one object. */
  readonly labels?: readonly string[] | undefined
}

/**
 * The series for which the condition over table `series` holds, in the order of their ids. A series has a row in each
 * part of the table that it was seen in; all say the same of its labels.
 */
export async function findSeries(
  client: StoreClient,
  where: Sql,
  { limit, labels }: LookupOptions,
  signal: AbortSignal,
): Promise<readonly FoundSeries[]> {
  const columns = labels === undefined ? ALL_LABELS : someLabels(labels)
  const blocks = await queryBlocks(
    client,
    sql`SELECT id, name AS metric${columns} FROM series WHERE ${where}
    ORDER BY id LIMIT 1 BY id LIMIT ${u64(limit)}`,
    signal,
    IN_ORDER,
  )
  const intern = new Map<string, Labels>()
  return blocks.flatMap((block) => {
    const id = bigintOf(block, 'id')
    const labelsOf = labels === undefined ? allLabels(block) : sharedLabels(block, labels, intern)
    return Array.from({ length: block.rows }, (_, row) => ({ id: id(row), labels: labelsOf(row) }))
  })
}

/** Conditions stand in the order of what they cost; by itself the engine reads all labels before their hashes. */
const IN_ORDER = { allow_reorder_prewhere_conditions: 0 }

/** Most names and values occur in many series: as dictionaries they are sent, and made into texts, once a block. */
const ALL_LABELS = sql.raw(", CAST(labels, 'Map(LowCardinality(String), LowCardinality(String))') AS label_map")

function allLabels(block: Block): (row: number) => Labels {
  const metric = textOf(block, 'metric')
  const entries = entriesOf(block, 'label_map')
  return (row) => {
    const labels: Record<string, string> = Object.fromEntries(entries(row))
    labels[METRIC_NAME] = metric(row)
    return labels
  }
}

function someLabels(labels: readonly string[]): Sql {
  return sql.join(
    labels.map((label, i) => sql`, toLowCardinality(${seriesLabel(label)}) AS ${sql.raw(`label_${String(i)}`)}`),
    '',
  )
}

function sharedLabels(block: Block, names: readonly string[], intern: Map<string, Labels>): (row: number) => Labels {
  const metric = textOf(block, 'metric')
  const values = names.map((name, i) => ({ name, value: textOf(block, `label_${String(i)}`) }))
  return (row) => {
    let key = metric(row)
    for (const { value } of values) key += SEPARATOR + value(row)
    const known = intern.get(key)
    if (known !== undefined) return known
    const present = values.map(({ name, value }) => [name, value(row)] as const).filter(([, value]) => value !== '')
    const labels = Object.fromEntries([...present, [METRIC_NAME, metric(row)]])
    intern.set(key, labels)
    return labels
  }
}

/** No label has it: a code point that stands for no character. */
const SEPARATOR = '\u{10ffff}'
