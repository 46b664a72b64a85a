/**
 * SQL as text with positional, typed parameters (`{p0:String}`), built by the `sql` tag only. Values never become
 * text; fixed words of the code enter through `sql.raw`, which is easy to find.
 */
export interface Sql {
  readonly text: string
  /** `p0`, `p1`, … → the value, as `@clickhouse/client` takes it. */
  readonly params: Readonly<Record<string, SqlParam>>
}

/** A text, or the text of a number or time; an array of texts or of integers. */
export type SqlParam = string | readonly string[] | readonly (bigint | number)[]

/** A value on its way into a query, with its type in ClickHouse. */
export interface SqlValue {
  readonly type: string
  readonly value: SqlParam
}

const PLACEHOLDER = /\{p(\d+):/g

/**
 * Builds SQL: values become parameters, fragments are taken in with their parameters renumbered.
 *
 * @example sql`SELECT body FROM logs WHERE service_name = ${str(name)} AND ${timeCondition}`
 */
export function sql(texts: TemplateStringsArray, ...parts: readonly (Sql | SqlValue)[]): Sql {
  const params: Record<string, SqlParam> = {}
  let count = 0
  let text = texts[0] ?? ''
  parts.forEach((part, i) => {
    if ('type' in part) {
      text += `{p${String(count)}:${part.type}}`
      params[`p${String(count)}`] = part.value
      count += 1
    } else {
      const first = count
      text += part.text.replace(PLACEHOLDER, (_, number: string) => `{p${String(first + Number(number))}:`)
      for (const [name, value] of Object.entries(part.params))
        params[`p${String(first + Number(name.slice(1)))}`] = value
      count += Object.keys(part.params).length
    }
    text += texts[i + 1] ?? ''
  })
  return { text, params }
}

/** Fixed words of the code: names of tables and columns, functions, whole statements. Never anything from outside. */
sql.raw = (text: string): Sql => ({ text, params: {} })

/** The fragments one after the other with fixed words between. */
sql.join = (parts: readonly Sql[], separator: string): Sql =>
  parts.reduce((all, part, i) => (i === 0 ? part : sql`${all}${sql.raw(separator)}${part}`), sql.raw(''))

/** All of them must hold; true if there are none. */
sql.and = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0
    ? sql.raw('true')
    : sql.join(
        conditions.map((one) => sql`(${one})`),
        ' AND ',
      )

/** One of them must hold; false if there are none. In brackets, because it binds looser than what may stand beside it. */
sql.or = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0
    ? sql.raw('false')
    : sql`(${sql.join(
        conditions.map((one) => sql`(${one})`),
        ' OR ',
      )})`

export function str(value: string): SqlValue {
  return { type: 'String', value }
}

export function strArray(values: readonly string[]): SqlValue {
  return { type: 'Array(String)', value: values }
}

/** An unsigned integer of up to 64 bits; a number must be safe. */
export function u64(value: bigint | number): SqlValue {
  return { type: 'UInt64', value: integerText(value) }
}

export function i64(value: bigint | number): SqlValue {
  return { type: 'Int64', value: integerText(value) }
}

export function u64Array(values: readonly (bigint | number)[]): SqlValue {
  return { type: 'Array(UInt64)', value: values }
}

export function f64(value: number): SqlValue {
  const text = Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  return { type: 'Float64', value: text }
}

/** A time in milliseconds since the epoch, as a DateTime64(3). Fractions are cut off. */
export function timeMs(ms: number): Sql {
  return sql`fromUnixTimestamp64Milli(${i64(Math.floor(ms))}, 'UTC')`
}

/** A time in nanoseconds since the epoch, as a DateTime64(9). */
export function timeNs(ns: bigint): Sql {
  return sql`fromUnixTimestamp64Nano(${i64(ns)}, 'UTC')`
}

function integerText(value: bigint | number): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new RangeError(`BUG: ${String(value)} is no integer`)
  return String(value)
}
