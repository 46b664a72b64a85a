import type { StoreClient } from './client.ts'
import type { Sql } from './sql.ts'

/**
 * The rows of a small answer as objects; for telemetry use Native. 64-bit integers come as strings: convert them in
 * the statement, or declare them so in `Row`, which the statement must match.
 */
export async function queryJson<Row>(
  client: StoreClient,
  statement: Sql,
  signal?: AbortSignal,
): Promise<readonly Row[]> {
  const bytes = await client.query(statement, {
    format: 'JSONEachRow',
    settings: { output_format_json_quote_64bit_integers: 1 },
    ...(signal === undefined ? {} : { signal }),
  })
  return Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}
