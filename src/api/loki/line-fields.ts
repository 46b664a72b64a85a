/** A field that a parser would find in a line. */
export interface LineField {
  readonly name: string
  readonly value: string
  readonly parser: 'json' | 'logfmt'
  /** Of JSON: the names that lead to it. */
  readonly path?: readonly string[]
}

/** Deeper objects, and more fields than this, are not looked at: this serves to suggest names. */
const MAX_DEPTH = 16
const MAX_FIELDS = 200
const MAX_LINE = 65_536

/** The fields of a line of JSON or logfmt, in the names that the parsers of LogQL give them. */
export function fieldsOf(line: string): readonly LineField[] {
  if (line.length > MAX_LINE) return []
  const object = parseObject(line)
  if (object === undefined) return logfmtFields(line)
  const fields: LineField[] = []
  addFields(fields, object, [])
  return fields
}

function parseObject(line: string): object | undefined {
  if (!line.trimStart().startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function addFields(fields: LineField[], object: object, above: readonly string[]): void {
  if (above.length >= MAX_DEPTH) return
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    if (fields.length >= MAX_FIELDS) return
    const path = [...above, key]
    if (typeof value === 'object' && value !== null) {
      // Lists are left out, as the parser does.
      if (!Array.isArray(value)) addFields(fields, value, path)
      continue
    }
    if (value === null || value === '') continue
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    fields.push({ name: path.map(toName).join('_'), value: text, parser: 'json', path })
  }
}

const PAIR = /([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?=\s|$)/g

function logfmtFields(line: string): readonly LineField[] {
  if (!line.includes('=')) return []
  const fields: LineField[] = []
  for (const [, name = '', quoted, plain] of line.matchAll(PAIR)) {
    if (fields.length >= MAX_FIELDS) break
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? ''
    if (value !== '') fields.push({ name: toName(name), value, parser: 'logfmt' })
  }
  return fields
}

function toName(key: string): string {
  const name = key.trim().replace(/[^A-Za-z0-9_]/g, '_')
  return /^\d/.test(name) ? `_${name}` : name
}
