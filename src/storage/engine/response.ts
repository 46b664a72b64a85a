import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { ChdbResult } from './chdb.ts'
import { type EngineError, httpStatusOf } from './engine-error.ts'
import { type EngineRequest, formatNamedIn } from './request.ts'

/** Below this, compressing costs more than it saves. */
const MIN_GZIP_BYTES = 1024
const NS_PER_S = 1e9

const compress = promisify(gzip)

/** By ClickHouse's name of the format; everything else is plain bytes. */
function contentTypeOf(format: string): string {
  if (/^JSON(?:Strings|Compact|CompactStrings)?$/.test(format)) return 'application/json; charset=UTF-8'
  if (/^JSON\w*EachRow/.test(format)) return 'application/x-ndjson; charset=UTF-8'
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8'
  if (/^(?:TSV|TabSeparated)/.test(format)) return 'text/tab-separated-values; charset=UTF-8'
  if (/^(?:Pretty|Vertical|Values|Markdown)/.test(format)) return 'text/plain; charset=UTF-8'
  return 'application/octet-stream'
}

export function send(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
  response.end(text)
}

/** Sends an answer with the headers that ClickHouse gives it. */
export async function sendResult(
  response: ServerResponse,
  asked: EngineRequest,
  text: string,
  result: ChdbResult,
): Promise<void> {
  const format = formatNamedIn(text) ?? asked.format
  const summary = {
    read_rows: String(result.rowsRead),
    read_bytes: String(result.bytesRead),
    elapsed_ns: String(Math.round(result.elapsed * NS_PER_S)),
  }
  response.setHeader('Content-Type', contentTypeOf(format))
  response.setHeader('X-ClickHouse-Format', format)
  response.setHeader('X-ClickHouse-Summary', JSON.stringify(summary))
  const bytes = result.bytes()
  if (asked.gzipAnswer && bytes.length >= MIN_GZIP_BYTES) {
    response.setHeader('Content-Encoding', 'gzip')
    response.end(await compress(bytes, { level: 1 }))
    return
  }
  response.setHeader('Content-Length', bytes.length)
  response.end(bytes)
}

/** Sends an exception; what is left of the request's body is dropped first, so that the connection stays usable. */
export function sendError(request: IncomingMessage, response: ServerResponse, error: EngineError): void {
  if (response.destroyed || response.headersSent) {
    response.destroy()
    return
  }
  request.on('error', () => undefined).resume()
  response.setHeader('X-ClickHouse-Exception-Code', error.number)
  send(response, httpStatusOf(error.number), `${error.message}\n`)
}
