import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { systemCode } from '../../core/index.ts'
import { quoteIdentifier } from './literal.ts'
import type { Session } from './session.ts'

/*
 * A table remembers the tokens of its inserts in `deduplication_logs/deduplication_log_<n>.txt`, one line each:
 *
 *     1 TAB part TAB block id     the block was inserted as this part
 *     2 TAB part TAB block id     forget it
 *
 * The engine writes the line just before it renames the new part into place. A process that dies between the two
 * leaves a line without a part, and the insert's repetition would be ignored as a duplicate of data that nobody has.
 * Parts are renamed one at a time, so this can only be the last line of a table.
 */

const ADDED = '1'

interface Table {
  readonly database: string
  readonly name: string
  readonly dir: string
}

/** Makes tables forget inserts that are in their memory only. Returns how many; call it before anything is inserted. */
export async function forgetUnstoredInserts(session: Session): Promise<number> {
  let forgotten = 0
  for (const table of await findTables(session)) {
    const blockId = await findUnstored(table.dir)
    if (blockId === undefined) continue
    const name = `${quoteIdentifier(table.database)}.${quoteIdentifier(table.name)}`
    await run(session, `DETACH TABLE ${name}`)
    try {
      await removeLines(table.dir, blockId)
    } finally {
      await run(session, `ATTACH TABLE ${name}`)
    }
    forgotten += 1
  }
  return forgotten
}

async function findTables(session: Session): Promise<readonly Table[]> {
  const answer = await run(
    session,
    `SELECT database, name, data_paths[1] AS dir FROM system.tables
     WHERE engine LIKE '%MergeTree' AND database != 'system' FORMAT JSONEachRow`,
  )
  return answer
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Table)
}

/** The block id of the table's last insert if its part is not there, nor one that it was merged into. */
async function findUnstored(dir: string): Promise<string | undefined> {
  const lines = (await readLogs(dir)).flatMap(({ lines }) => lines)
  const last = lines.at(-1)?.split('\t')
  if (last === undefined || last[0] !== ADDED) return undefined
  const [, part = '', blockId] = last
  const wanted = parsePart(part)
  if (wanted === undefined) return undefined
  const parts = (await readdir(dir)).flatMap((name) => parsePart(name) ?? [])
  const isThere = parts.some(
    ({ partition, first, last }) => partition === wanted.partition && first <= wanted.first && last >= wanted.last,
  )
  return isThere ? undefined : blockId
}

/** `<partition>_<first block>_<last block>_<level>`, and for mutated parts one number more. */
const PART = /^(?<partition>[^_]+)_(?<first>\d+)_(?<last>\d+)_\d+(?:_\d+)?$/

function parsePart(
  name: string,
): { readonly partition: string; readonly first: number; readonly last: number } | undefined {
  const groups = PART.exec(name)?.groups
  if (groups === undefined) return undefined
  return { partition: groups['partition'] ?? '', first: Number(groups['first']), last: Number(groups['last']) }
}

async function removeLines(dir: string, blockId: string): Promise<void> {
  for (const { file, lines } of await readLogs(dir)) {
    const kept = lines.filter((line) => line.split('\t')[2] !== blockId)
    if (kept.length < lines.length) await writeFile(file, kept.map((line) => `${line}\n`).join(''))
  }
}

/** The logs of a table, the oldest first; none if it has no such memory. */
async function readLogs(dir: string): Promise<readonly { readonly file: string; readonly lines: readonly string[] }[]> {
  const logs = path.join(dir, 'deduplication_logs')
  const names = await readdir(logs).catch((reason: unknown) => {
    if (systemCode(reason) === 'ENOENT') return []
    throw reason
  })
  const numberOf = (name: string): number => Number(/_(\d+)\.txt$/.exec(name)?.[1] ?? 0)
  names.sort((a, b) => numberOf(a) - numberOf(b))
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(logs, name)
      const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
      return { file, lines }
    }),
  )
}

async function run(session: Session, text: string): Promise<string> {
  const none = { settings: {}, params: {}, database: 'default', format: 'TabSeparated' }
  const result = await session.run({ id: 'start', text, ...none })
  return Buffer.from(result.bytes()).toString('utf8')
}
