import { quoteLiteral } from './literal.ts'

/** `INSERT INTO table (columns) SETTINGS … FORMAT format`, taken apart; what follows the format is data. */
export interface InsertStatement {
  readonly table: string
  /** With parentheses; '' if none are named. */
  readonly columns: string
  readonly settings: string
  readonly format: string
  /** Where in the text the data begins. */
  readonly dataAt: number
}

const NAME = '(?:`(?:[^`\\\\]|\\\\.)*`|"(?:[^"\\\\]|\\\\.)*"|\\w+)'
const INSERT_FORMAT = new RegExp(
  `^\\s*INSERT\\s+INTO\\s+(?:TABLE\\s+)?(?<table>${NAME}(?:\\.${NAME})?)\\s*(?<columns>\\([^()]*\\))?\\s*` +
    '(?:SETTINGS\\s+(?<settings>[^;]*?)\\s+)?FORMAT\\s+(?<format>\\w+)(?:[ \\t]*;?[ \\t]*(?:\\r?\\n|$)|[ \\t]+)',
  'i',
)

/** The parts, or undefined if the text is another statement (an `INSERT … SELECT` or `… VALUES` among them). */
export function parseInsertStatement(text: string): InsertStatement | undefined {
  const match = INSERT_FORMAT.exec(text)
  if (match?.groups === undefined) return undefined
  const { table = '', columns = '', settings = '', format = '' } = match.groups
  if (format.toUpperCase() === 'VALUES') return undefined
  return { table, columns, settings, format, dataAt: match[0].length }
}

/**
 * The same insert with its data in a file. Formats that carry names (Native, …) are matched by name, as the original
 * would be; the others take the table's own structure, not one guessed from the data.
 */
export function insertFromFile(insert: InsertStatement, path: string): string {
  const { table, columns, settings, format } = insert
  const list = format === 'Native' && columns !== '' ? columns.slice(1, -1) : '*'
  const setting = settings === '' ? '' : ` SETTINGS ${settings}`
  return `INSERT INTO ${table} ${columns}${setting} SELECT ${list} FROM file(${quoteLiteral(path)}, ${quoteLiteral(format)})`
}
