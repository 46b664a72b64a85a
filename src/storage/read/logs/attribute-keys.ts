import type { StoreClient } from '../../client.ts'
import { sql, type Sql } from '../../sql.ts'
import { arrayOf, queryBlocks, readText } from '../rows.ts'
import { ATTRIBUTE_COLUMNS, type AttributeKeys } from './metadata-text.ts'

/** The names of all attributes of the rows. It reads the names only. */
export async function readAttributeKeys(client: StoreClient, rows: Sql, signal: AbortSignal): Promise<AttributeKeys> {
  const keys = ATTRIBUTE_COLUMNS.map((column) => `groupUniqArrayArray(mapKeys(${column})) AS ${column}_keys`)
  const blocks = await queryBlocks(client, sql`SELECT ${sql.raw(keys.join(', '))} FROM logs WHERE ${rows}`, signal)
  const keysOf = (column: string): readonly string[] =>
    blocks.flatMap((block) => (block.rows === 0 ? [] : arrayOf(block, `${column}_keys`, readText)(0)))
  return {
    attributes: keysOf('attributes'),
    scope_attributes: keysOf('scope_attributes'),
    resource_attributes: keysOf('resource_attributes'),
  }
}
