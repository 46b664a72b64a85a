import { type Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { parseError } from '@clickhouse/client'
import { AppError } from '../core/index.ts'
import type { SqlParam } from './sql.ts'

/** One statement on its way to the engine's socket. */
export interface SocketStatement {
  readonly query: string
  readonly params: Readonly<Record<string, SqlParam>>
  readonly settings: Readonly<Record<string, string | number>>
  readonly database: string
  readonly signal: AbortSignal | undefined
  /** Without any byte. */
  readonly timeoutMs: number
}

/**
 * Sends a reading statement and resolves with the answer when its head is there; rejects with a ClickHouseError where the
 * engine refuses it. `@clickhouse/client` says the same, but waits for a timer before each request and streams the statement
 * in chunks: of a statement that takes the engine two milliseconds these are three more.
 */
export async function askSocket(agent: Agent, statement: SocketStatement): Promise<IncomingMessage> {
  try {
    return await ask(agent, statement)
  } catch (reason) {
    // The engine closed a connection that was idle just when it was used again: nobody has read the statement.
    if (reason instanceof StaleConnection) return await ask(agent, statement)
    throw reason
  }
}

class StaleConnection extends Error {}

function ask(
  agent: Agent,
  { query, params, settings, database, signal, timeoutMs }: SocketStatement,
): Promise<IncomingMessage> {
  const address = new URLSearchParams({ database })
  for (const [name, value] of Object.entries(settings)) address.set(name, String(value))
  for (const [name, value] of Object.entries(params)) address.set(`param_${name}`, formatParam(value))
  const body = Buffer.from(query)
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        agent,
        host: 'engine',
        method: 'POST',
        path: `/?${address.toString()}`,
        headers: { 'content-length': body.length },
        timeout: timeoutMs,
        ...(signal === undefined ? {} : { signal }),
      },
      (response) => {
        if (response.statusCode === 200 && response.headers['x-clickhouse-exception-code'] === undefined) {
          resolve(response)
          return
        }
        text(response).then((said) => {
          reject(parseError(said))
        }, reject)
      },
    )
    asked.on('error', (reason: NodeJS.ErrnoException) => {
      const isStale = asked.reusedSocket && reason.code === 'ECONNRESET' && signal?.aborted !== true
      reject(isStale ? new StaleConnection(reason.message, { cause: reason }) : reason)
    })
    asked.on('timeout', () => {
      asked.destroy(new AppError('timeout', `the engine says nothing for ${String(timeoutMs / 1000)} s`))
    })
    asked.end(body)
  })
}

/** As ClickHouse reads parameters: escaped like a field of TabSeparated; texts in arrays are quoted. */
function formatParam(value: SqlParam): string {
  if (typeof value === 'string') return escape(value)
  const items = value.map((item) => (typeof item === 'string' ? `'${escape(item)}'` : String(item)))
  return `[${items.join(',')}]`
}

const ESCAPES: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', "'": "\\'", '\\': '\\\\' }

function escape(value: string): string {
  return value.replace(/[\t\n\r'\\]/g, (character) => ESCAPES[character] ?? character)
}
