import type { ChdbResult, ChdbSession } from './chdb.ts'
import { EngineError } from './engine-error.ts'
import { quoteIdentifier, quoteLiteral } from './literal.ts'

/** One statement with everything that belongs to it and to no other. */
export interface Statement {
  /** Stands in a comment in front of the text, by which the statement is found when it is to be stopped. */
  readonly id: string
  readonly text: string
  readonly database: string
  /** The format of the answer if the text names none. */
  readonly format: string
  readonly settings: Readonly<Record<string, string>>
  /** Values of `{name:Type}` placeholders, escaped as ClickHouse's HTTP interface wants them. */
  readonly params: Readonly<Record<string, string>>
}

/** How the text of a running statement begins. */
export function statementMark(id: string): string {
  return `/* fleetglass ${id} */`
}

/**
 * A session of chDB that forgets. Settings, parameters and the database live in the session, because the binding's
 * own parameterised calls run one at a time in the whole process; what a statement leaves behind is put back by the
 * next one. One statement at a time.
 */
export class Session {
  readonly #session: ChdbSession
  #database: string | undefined
  /** Names of settings that differ, or may differ, from the engine's defaults. */
  #settings: ReadonlySet<string> = new Set()
  readonly #params = new Set<string>()

  constructor(session: ChdbSession) {
    this.#session = session
  }

  async run(statement: Statement): Promise<ChdbResult> {
    this.#refuseForeignParams(statement)
    const use = statement.database === this.#database ? '' : `USE ${quoteIdentifier(statement.database)};\n`
    const sets = this.#sets(statement)
    const set = sets.length === 0 ? '' : `SET ${sets.join(', ')};\n`
    // Until all has gone well it is not known how far the text came: the next statement sets everything.
    const names = Object.keys(statement.settings)
    this.#database = undefined
    this.#settings = new Set([...this.#settings, ...names])
    for (const name of Object.keys(statement.params)) this.#params.add(name)
    const text = `${use}${set}${statementMark(statement.id)} ${statement.text}`
    const result = await this.#session.queryAsync(text, { format: statement.format })
    this.#database = statement.database
    this.#settings = new Set(names)
    return result
  }

  close(): void {
    this.#session.close()
  }

  #sets(statement: Statement): string[] {
    const sets: string[] = []
    for (const name of this.#settings) if (!Object.hasOwn(statement.settings, name)) sets.push(`${name} = DEFAULT`)
    for (const [name, value] of Object.entries(statement.settings)) sets.push(`${name} = ${quoteLiteral(value)}`)
    for (const [name, value] of Object.entries(statement.params)) sets.push(`param_${name} = ${quoteLiteral(value)}`)
    return sets
  }

  /** A parameter cannot be unset: what an earlier statement left must not stand in for one that was forgotten. */
  #refuseForeignParams(statement: Statement): void {
    for (const name of this.#params) {
      if (Object.hasOwn(statement.params, name) || !statement.text.includes(`{${name}:`)) continue
      throw EngineError.of('UNKNOWN_QUERY_PARAMETER', `Substitution \`${name}\` is not set.`)
    }
  }
}
