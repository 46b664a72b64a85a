/** A numbered step of the schema. Once released it is never edited; a change is a new number. */
export interface Migration {
  readonly number: number
  readonly title: string
  /** Each is one SQL statement; a statement must be safe to run again, for a crash between two of them. */
  readonly statements: readonly string[]
}
