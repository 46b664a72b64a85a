/**
 * SQL as text with positional, typed parameters (`{p0:String}`), built by the `sql` tag only. Values never become
 * text; fixed words of the code enter through `sql.raw`, which is easy to find.
 */
export interface Sql {
  readonly text: string
  /** `p0`, `p1`, … → the value in ClickHouse's text form. */
  readonly params: Readonly<Record<string, string>>
}
