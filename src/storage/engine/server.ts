import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { IdleCollector } from '../../core/index.ts'
import type { ChdbResult } from './chdb.ts'
import type { Engine } from './engine.ts'
import { EngineError } from './engine-error.ts'
import { type InsertStatement, insertFromFile, parseInsertStatement } from './insert-statement.ts'
import { type EngineRequest, isInserting, isReading, parseRequest } from './request.ts'
import { send, sendError, sendResult } from './response.ts'
import type { Statement } from './session.ts'

const KIB = 1024
/** ClickHouse's own limit of an address (`http_max_uri_size`); parameters travel in it. */
const MAX_ADDRESS_BYTES = 1024 * KIB
/** Of a statement's text. Data of an insert has no limit here: it goes to a file as it comes. */
const MAX_STATEMENT_BYTES = 64 * KIB * KIB
/** Longer than clients keep idle connections, so that they never send into one that closes. */
const KEEP_ALIVE_MS = 75_000

/**
 * ClickHouse's HTTP interface over an engine, as far as `@clickhouse/client` and curl use it: `/` for statements and
 * `/ping`. Parameters, settings, headers, statuses and error texts are ClickHouse's. Left out: users and passwords (the
 * socket's file mode says who may come), server-side sessions, multipart bodies and compression other than gzip.
 */
export function createEngineServer(engine: Engine): Server {
  const collector = new IdleCollector()
  const server = createServer({ maxHeaderSize: MAX_ADDRESS_BYTES, keepAliveTimeout: KEEP_ALIVE_MS }, (req, res) => {
    res.on('close', () => {
      collector.used(Number(res.getHeader('Content-Length') ?? 0))
    })
    void answer(engine, req, res)
  })
  // Uploads of inserts and long queries take their time; the statement's own limits end them.
  server.requestTimeout = 0
  server.timeout = 0
  return server
}

async function answer(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => {
    gone.abort()
  })
  response.on('error', () => {
    gone.abort()
  })
  try {
    await route(engine, request, response, gone.signal)
  } catch (reason) {
    sendError(request, response, EngineError.from(reason))
  }
}

async function route(
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const address = request.url ?? '/'
  if (address === '/ping') {
    send(response, 200, 'Ok.\n')
    return
  }
  if (!/^\/(?:\?|$)/.test(address)) {
    send(response, 404, `There is no handle ${address}\n\nUse / or /ping for health checks.\n`)
    return
  }
  if (request.method !== 'GET' && request.method !== 'POST') {
    send(response, 405, 'Only GET and POST are supported.\n')
    return
  }
  const asked = parseRequest(request)
  response.setHeader('X-ClickHouse-Query-Id', asked.queryId)
  const { text, result } = await runStatement(engine, asked, bodyOf(request), signal)
  await sendResult(response, asked, text, result)
}

/** The statement's whole text (without an insert's data) and its result. */
async function runStatement(
  engine: Engine,
  asked: EngineRequest,
  body: Readable,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly result: ChdbResult }> {
  const insert = asked.readonly ? undefined : parseInsertStatement(asked.query)
  if (insert !== undefined) {
    return { text: asked.query, result: await insertBody(engine, asked, insert, { data: body, signal }) }
  }
  const text = await readText(asked.query, body)
  if (asked.readonly && !isReading(text)) {
    throw EngineError.of('READONLY', 'A GET request may only read; use POST for everything else.')
  }
  const inline = parseInsertStatement(text)
  if (inline !== undefined) {
    const data = Readable.from([Buffer.from(text.slice(inline.dataAt))])
    return { text: text.slice(0, inline.dataAt), result: await insertBody(engine, asked, inline, { data, signal }) }
  }
  const statement = toStatement(asked, text)
  return { text, result: await (isInserting(text) ? engine.insert(statement, signal) : engine.run(statement, signal)) }
}

async function insertBody(
  engine: Engine,
  asked: EngineRequest,
  insert: InsertStatement,
  body: { readonly data: Readable; readonly signal: AbortSignal },
): Promise<ChdbResult> {
  return engine.withFile(body.data, (file) =>
    engine.insert(toStatement(asked, insertFromFile(insert, file)), body.signal),
  )
}

function toStatement(asked: EngineRequest, text: string): Statement {
  const { database, format, settings, params } = asked
  // A name of our own: the client's query id may be anything, and two clients may choose the same.
  return { id: randomUUID(), text, database, format, settings, params }
}

function bodyOf(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding'] ?? ''
  if (encoding === '') return request
  if (encoding !== 'gzip') throw EngineError.of('BAD_ARGUMENTS', `Unknown compression method: ${encoding}.`)
  // Whoever reads the last stream sees the errors of all, a client that goes away in mid-upload included.
  return pipeline(request, createGunzip(), () => undefined)
}

/** As in ClickHouse, a statement may begin in the address and go on in the body. */
async function readText(start: string, body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk as Buffer)
    bytes += (chunk as Buffer).length
    if (bytes > MAX_STATEMENT_BYTES) throw EngineError.of('QUERY_IS_TOO_LARGE', 'The statement is too large.')
  }
  const rest = Buffer.concat(chunks).toString('utf8')
  if (start === '' || rest === '') return start + rest
  return `${start}\n${rest}`
}
