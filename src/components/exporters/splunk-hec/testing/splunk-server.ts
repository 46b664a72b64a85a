import {
  type VendorAnswer,
  type VendorRequest,
  VendorServer,
} from '../../../../pipeline/destination/testing/vendor-server.ts'

export interface SplunkEvent {
  readonly time?: number
  readonly host?: string
  readonly source?: string
  readonly sourcetype?: string
  readonly index?: string
  readonly event: unknown
  readonly fields?: Readonly<Record<string, unknown>>
}

export interface SplunkOptions {
  readonly token?: string
  /** The indexes that the token may write to; absent: all. */
  readonly indexes?: readonly string[]
  /** Whether the token has indexer acknowledgement. */
  readonly ack?: boolean
}

/** As Splunk answers: code, HTTP status, text. */
const CODES: Readonly<Record<number, readonly [status: number, text: string]>> = {
  0: [200, 'Success'],
  2: [401, 'Token is required'],
  3: [401, 'Invalid authorization'],
  4: [403, 'Invalid token'],
  5: [400, 'No data'],
  6: [400, 'Invalid data format'],
  7: [400, 'Incorrect index'],
  10: [400, 'Data channel is missing'],
  11: [400, 'Invalid data channel'],
  12: [400, 'Event field is required'],
  13: [400, 'Event field cannot be blank'],
  14: [400, 'ACK is disabled'],
  15: [400, 'Error in handling indexed fields'],
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Splunk's Event Collector as far as its clients see it: what it checks, what it keeps, what it answers. */
export class SplunkServer {
  /** What was taken, in order, with repetitions. */
  readonly events: SplunkEvent[] = []
  /** Whether the indexers have what was taken; a test may make them slow. */
  indexed: (ackId: number) => boolean = () => true
  readonly http: VendorServer
  readonly #options: SplunkOptions
  #ackIds = 0

  private constructor(http: VendorServer, options: SplunkOptions) {
    this.http = http
    this.#options = options
  }

  static async start(options: SplunkOptions = {}): Promise<SplunkServer> {
    const box: { server?: SplunkServer } = {}
    const http = await VendorServer.start((request) => box.server?.handle(request) ?? { status: 500 })
    box.server = new SplunkServer(http, options)
    return box.server
  }

  handle(request: VendorRequest): VendorAnswer {
    const refused = this.#authorize(request)
    if (refused !== undefined) return refused
    const { ack = false } = this.#options
    const channel = request.headers['x-splunk-request-channel'] ?? request.url.searchParams.get('channel')
    if (request.url.pathname === '/services/collector/ack') {
      if (!ack) return answer(14)
      return this.#answerAcks(request)
    }
    if (request.url.pathname !== '/services/collector/event')
      return { status: 404, body: '{"text":"Not found","code":404}' }
    if (ack && channel === null) return answer(10)
    if (ack && (typeof channel !== 'string' || !GUID.test(channel))) return answer(11)
    return this.#take(request.body)
  }

  #authorize({ headers }: VendorRequest): VendorAnswer | undefined {
    const { authorization } = headers
    if (authorization === undefined) return answer(2)
    if (!authorization.startsWith('Splunk ')) return answer(3)
    const { token = 'the-token' } = this.#options
    return authorization === `Splunk ${token}` ? undefined : answer(4)
  }

  #answerAcks({ body }: VendorRequest): VendorAnswer {
    const { acks } = JSON.parse(body.toString()) as { acks: number[] }
    const known = Object.fromEntries(acks.map((id) => [String(id), id < this.#ackIds && this.indexed(id)]))
    return { status: 200, body: JSON.stringify({ acks: known }) }
  }

  /** Objects one after the other: the good ones before the first bad one are kept. */
  #take(body: Buffer): VendorAnswer {
    const objects = splitObjects(body.toString())
    if (objects.length === 0) return answer(5)
    for (const [i, text] of objects.entries()) {
      const code = this.#judge(text)
      if (code !== 0) return answer(code, { 'invalid-event-number': i })
      this.events.push(JSON.parse(text) as SplunkEvent)
    }
    if (this.#options.ack !== true) return answer(0)
    this.#ackIds += 1
    return answer(0, { ackId: this.#ackIds - 1 })
  }

  #judge(text: string): number {
    let parsed: Partial<SplunkEvent>
    try {
      parsed = JSON.parse(text) as Partial<SplunkEvent>
    } catch {
      return 6
    }
    const { event, fields = {}, index, time }: Partial<SplunkEvent> = parsed
    if (event === undefined) return 12
    if (event === '' || (typeof event === 'string' && event.trim() === '')) return 13
    if (time !== undefined && typeof time !== 'number') return 6
    if (index !== undefined && this.#options.indexes?.includes(index) === false) return 7
    const isMetric = event === 'metric'
    for (const [name, value] of Object.entries(fields)) {
      if (name.startsWith('_') || name === '') return 15
      if (isMetric && name.startsWith('metric_name:') ? typeof value !== 'number' : !isField(value)) return 15
    }
    return 0
  }
}

function isField(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'))
}

function answer(code: number, more: Readonly<Record<string, number>> = {}): VendorAnswer {
  const [status, text] = CODES[code] ?? [500, 'Internal server error']
  return { status, body: JSON.stringify({ text, code, ...more }) }
}

/** Cuts a text of JSON objects, which may stand without anything between them. */
function splitObjects(text: string): readonly string[] {
  const objects: string[] = []
  let depth = 0
  let start = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (quoted) {
      if (char === '\\') i += 1
      else if (char === '"') quoted = false
      continue
    }
    if (char === '"') quoted = true
    else if (char === '{') {
      if (depth === 0) start = i
      depth += 1
    } else if (char === '}') {
      depth -= 1
      if (depth === 0) objects.push(text.slice(start, i + 1))
    }
  }
  if (depth > 0) objects.push(text.slice(start))
  return objects
}
