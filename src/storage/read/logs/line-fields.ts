import type { LineParser } from '../../../query/index.ts'
import { sql, type Sql, str } from '../../sql.ts'
import type { MetadataText } from './conditions.ts'

/** Fields that `| json` or `| logfmt` find in a line, in SQL. */
export interface LineFields {
  /** Lines of which that cannot be said, whatever field is asked for: they may be broken, too. */
  readonly irregular: Sql
  /** Undefined for names that may come of many spellings. */
  readonly field: (name: string) => MetadataText | undefined
}

/**
 * Of JSON and logfmt only the plain lines are understood here, those that have just one reading: `LineFields` says of each
 * line whether it is one. The parsers proper are LogQL's; what these make of the others nobody need say twice.
 */
export function lineFields(parser: LineParser): LineFields {
  return parser === 'json'
    ? { irregular: IRREGULAR_JSON, field: jsonField }
    : { irregular: IRREGULAR_LOGFMT, field: logfmtField }
}

/** Of other names it is not sure of which keys they come: a digit at the front gets a `_`, a duplicate an ending. */
const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9_]*$/

function isPlain(name: string): boolean {
  return PLAIN_NAME.test(name) && !name.endsWith('_extracted')
}

/** The keys that become the label: anything that no label's name may hold becomes `_`. */
function keysOf(name: string, other: string): string {
  return name.replaceAll('_', other)
}

const SPACE = '[ \\t\\r\\n]*'
const NUMBER = '-?[0-9]+(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?'

/** Of what stands for bytes that are no UTF-8, the parsers make blanks. */
const HAS_REPLACEMENT = sql`position(body, ${str('\ufffd')}) > 0`

/** No valid JSON, no object, or with an escape in a key. */
const IRREGULAR_JSON = sql`(NOT startsWith(body, '{') OR NOT isValidJSON(body)
  OR ${HAS_REPLACEMENT} OR (position(body, '\\\\') > 0 AND match(body, ${str(`\\\\.[^"\\\\]*"${SPACE}:`)})))`

/**
 * In valid JSON, what stands in quotes with a colon behind it is a key, if the quotes have no escapes. A key that comes just
 * once, on the top level, with a value that is written as it is meant, has one reading.
 */
function jsonField(name: string): MetadataText | undefined {
  if (!isPlain(name)) return undefined
  const key = keysOf(name, '[^A-Za-z0-9"\\\\]')
  // Blanks around a key are cut off.
  const around = '[^A-Za-z0-9_"\\\\]*'
  const found = sql`countMatches(body, ${str(`"${around}${key}${around}"${SPACE}:`)})`
  const raw = sql`extract(body, ${str(`"${key}"${SPACE}:${SPACE}("[^"\\\\]+"|${NUMBER}|true|false|null)`)})`
  // The names of objects stand before those of their fields, with `_` between.
  const parents = [...name.matchAll(/_/g)].map(({ index }) => keysOf(name.slice(0, index), '[^A-Za-z0-9"\\\\]'))
  const nested = parents.map((parent) => sql`match(body, ${str(`"${around}${parent}${around}"${SPACE}:${SPACE}\\{`)})`)
  const onTop = sql`(countSubstrings(body, '{') = 1 OR JSONHas(body, ${str(name)}))`
  return {
    text: sql`multiIf(startsWith(${raw}, '"'), ${unquoted(raw)}, ${raw} = 'null', '', ${raw})`,
    doubtful: [sql`(${found} > 0 AND (${found} > 1 OR ${raw} = '' OR NOT ${onTop}))`, ...nested],
  }
}

function unquoted(text: Sql): Sql {
  return sql`substring(${text}, 2, length(${text}) - 2)`
}

const LOGFMT_KEY = '[!#-<>-~]+'
const LOGFMT_PLAIN = '[^\\x00-\\x20"=]+'
const LOGFMT_QUOTED = '"(?:[^"\\\\\\x00-\\x1f\\x7f-\\x{9f}]|\\\\["\\\\/bfnrt])*"'
const LOGFMT_PAIR = `${LOGFMT_KEY}(?:=(?:${LOGFMT_PLAIN}|${LOGFMT_QUOTED})?)?`

/** With something that is no pair, no bare key, and no blank between them. */
const IRREGULAR_LOGFMT = sql`(${HAS_REPLACEMENT} OR NOT match(body, ${str(`^ *(?:${LOGFMT_PAIR}(?: +|$))*$`)}))`

/** A key that comes just once, with a value that is written as it is meant, not within the quotes of another. */
function logfmtField(name: string): MetadataText | undefined {
  if (!isPlain(name)) return undefined
  const key = keysOf(name, '[^A-Za-z0-9"= ]')
  const found = sql`countMatches(body, ${str(`(?:^| )${key}=`)})`
  const value = `${key}=(${LOGFMT_PLAIN}|"[^"\\\\]+")(?: |$)`
  const raw = sql`extract(body, ${str(`(?:^| )${value}`)})`
  const inQuotes = sql`(position(body, '"') > 0 AND NOT match(body, ${str(`^ *(?:${LOGFMT_PAIR} +)*${key}=`)}))`
  return {
    text: sql`if(startsWith(${raw}, '"'), ${unquoted(raw)}, ${raw})`,
    doubtful: [sql`(${found} > 0 AND (${found} > 1 OR ${raw} = '' OR ${inQuotes}))`],
  }
}
