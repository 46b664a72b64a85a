import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { EngineError } from './engine-error.ts'

/** What a request to ClickHouse's HTTP interface says outside its body. */
export interface EngineRequest {
  readonly queryId: string
  /** The `query` of the address; the body may continue it. */
  readonly query: string
  readonly database: string
  /** Format of the answer unless the statement names one. */
  readonly format: string
  readonly settings: Readonly<Record<string, string>>
  readonly params: Readonly<Record<string, string>>
  /** A GET may only read. */
  readonly readonly: boolean
  readonly gzipAnswer: boolean
}

const PARAM = 'param_'
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Parts of the address that are not settings of the engine. Some have no meaning here: there are no users. */
const NOT_SETTINGS: ReadonlySet<string> = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'role',
  'session_id',
  'session_timeout',
  'session_check',
  'compress',
  'decompress',
  'stacktrace',
  'buffer_size',
  'wait_end_of_query', // the answer is always whole before its head is sent
  'enable_http_compression',
  'http_zlib_compression_level',
  'client_protocol_version',
  'close_session',
])

export function parseRequest(request: IncomingMessage): EngineRequest {
  const { searchParams } = new URL(request.url ?? '/', 'http://engine')
  const settings: Record<string, string> = {}
  const params: Record<string, string> = {}
  for (const [key, value] of searchParams) {
    if (key.startsWith(PARAM)) params[checkName(key.slice(PARAM.length))] = value
    else if (!NOT_SETTINGS.has(key)) settings[checkName(key)] = value
  }
  return {
    queryId: searchParams.get('query_id') ?? randomUUID(),
    query: searchParams.get('query') ?? '',
    database: searchParams.get('database') ?? header(request, 'x-clickhouse-database') ?? 'default',
    format: searchParams.get('default_format') ?? header(request, 'x-clickhouse-format') ?? 'TabSeparated',
    settings,
    params,
    readonly: request.method === 'GET',
    gzipAnswer:
      searchParams.get('enable_http_compression') === '1' && /\bgzip\b/.test(header(request, 'accept-encoding') ?? ''),
  }
}

function checkName(name: string): string {
  if (NAME.test(name)) return name
  throw EngineError.of('BAD_ARGUMENTS', `'${name}' is no name of a setting or parameter.`)
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

const READING = /^(?:\s|\/\*[^]*?\*\/|--[^\n]*\n)*(?:SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|EXISTS|\()/i

/** Whether the statement changes nothing, by its first word. */
export function isReading(text: string): boolean {
  return READING.test(text)
}

const INSERTING = /^\s*INSERT\b/i

export function isInserting(text: string): boolean {
  return INSERTING.test(text)
}

const FORMAT_CLAUSE = /\bFORMAT\s+(\w+)\s*(?:SETTINGS\s[^;]*)?;?\s*$/i

/** The format that the statement names at its end, if any. */
export function formatNamedIn(text: string): string | undefined {
  return FORMAT_CLAUSE.exec(text)?.[1]
}
