import {
  type VendorAnswer,
  type VendorRequest,
  VendorServer,
} from '../../../../pipeline/destination/testing/vendor-server.ts'

type Json = Readonly<Record<string, unknown>>

export interface ElasticsearchOptions {
  /** The Authorization header that is wanted. */
  readonly authorization?: string
}

interface Result {
  readonly status: number
  readonly error?: { readonly type: string; readonly reason: string }
}

/** Elasticsearch's bulk API over data streams: what it checks, what it keeps, what it answers for each document. */
export class ElasticsearchServer {
  /** By data stream and id. */
  readonly documents = new Map<string, Json>()
  /** Results that come instead of storing, by the number of the document in its request. */
  readonly nextResults = new Map<number, number>()
  readonly http: VendorServer
  readonly #options: ElasticsearchOptions

  private constructor(http: VendorServer, options: ElasticsearchOptions) {
    this.http = http
    this.#options = options
  }

  static async start(options: ElasticsearchOptions = {}): Promise<ElasticsearchServer> {
    const box: { server?: ElasticsearchServer } = {}
    const http = await VendorServer.start((request) => box.server?.handle(request) ?? { status: 500 })
    box.server = new ElasticsearchServer(http, options)
    return box.server
  }

  handle({ method, url, headers, body }: VendorRequest): VendorAnswer {
    const { authorization } = this.#options
    if (authorization !== undefined && headers.authorization !== authorization) return { status: 401 }
    if (method !== 'POST' || url.pathname !== '/_bulk') return { status: 404 }
    if (!/^application\/(x-ndjson|json)/.test(headers['content-type'] ?? '')) return { status: 406 }
    const lines = body.toString().split('\n')
    // The last line ends with a newline too.
    if (lines.pop() !== '' || lines.length === 0 || lines.length % 2 !== 0) return { status: 400 }
    const items: Json[] = []
    for (let i = 0; i < lines.length; i += 2) {
      const action = JSON.parse(lines[i] ?? '') as { create?: { _index: string; _id?: string } }
      if (action.create === undefined) return { status: 400 }
      items.push({ create: this.#create(action.create, lines[i + 1] ?? '', i / 2) })
    }
    this.nextResults.clear()
    return { status: 200, body: JSON.stringify({ took: 1, errors: true, items }) }
  }

  #create({ _index, _id }: { _index: string; _id?: string }, text: string, position: number): Result {
    const forced = this.nextResults.get(position)
    if (forced !== undefined) return failure(forced, 'es_rejected_execution_exception')
    if (!/^(logs|traces|metrics)-[^-\sA-Z\\/*?"<>|,#:]{1,100}-[^-\sA-Z\\/*?"<>|,#:]{1,100}$/.test(_index)) {
      return failure(400, 'invalid_index_name_exception')
    }
    let document: Json
    try {
      document = JSON.parse(text) as Json
    } catch {
      return failure(400, 'document_parsing_exception')
    }
    const problem = findProblem(document, text)
    if (problem !== undefined) return { status: 400, error: { type: 'document_parsing_exception', reason: problem } }
    const key = `${_index}/${_id ?? String(this.documents.size)}`
    if (this.documents.has(key)) return failure(409, 'version_conflict_engine_exception')
    this.documents.set(key, document)
    return { status: 201 }
  }
}

function failure(status: number, type: string): Result {
  return { status, error: { type, reason: 'because of [a value]' } }
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z$/

/** What Elasticsearch says of a document without knowing any other. */
function findProblem(document: Json, text: string): string | undefined {
  const time = document['@timestamp']
  if (typeof time !== 'string' || !TIME.test(time)) return 'no @timestamp'
  if (hasDuplicates(text)) return 'Duplicate field'
  return findFieldProblem(document, '', new Map())
}

/** Whether some object of the JSON has a key twice: a parser that keeps the last would be longer when written again. */
function hasDuplicates(text: string): boolean {
  return (
    (text.match(/"(?:[^"\\]|\\.)*":/g)?.length ?? 0) !==
    (JSON.stringify(JSON.parse(text)).match(/"(?:[^"\\]|\\.)*":/g)?.length ?? 0)
  )
}

/** `kinds` is object or value by the full path of each field. */
function findFieldProblem(object: Json, path: string, kinds: Map<string, 'object' | 'value'>): string | undefined {
  for (const [key, value] of Object.entries(object)) {
    const parts = key.split('.')
    if (parts.some((part) => part.trim() === '')) return 'field name'
    const full = path + key
    for (let dot = full.indexOf('.'); dot >= 0; dot = full.indexOf('.', dot + 1)) {
      if (kinds.get(full.slice(0, dot)) === 'value') return 'object mapping'
      kinds.set(full.slice(0, dot), 'object')
    }
    const elements: readonly unknown[] = Array.isArray(value) ? value : [value]
    for (const element of elements) {
      const isObject = typeof element === 'object' && element !== null
      const kind = isObject ? 'object' : 'value'
      if ((kinds.get(full) ?? kind) !== kind) return 'object mapping'
      kinds.set(full, kind)
      const inner = isObject ? findFieldProblem(element as Json, `${full}.`, kinds) : undefined
      if (inner !== undefined) return inner
    }
  }
  return undefined
}
