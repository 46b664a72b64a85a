import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { gunzipSync } from 'node:zlib'

export interface VendorRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  /** Decompressed, if its encoding is gzip. */
  readonly body: Buffer
  /** As it came over the wire. */
  readonly wireBytes: number
}

export interface VendorAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** What servers do that nobody wishes for. */
export type Misbehaviour =
  | VendorAnswer
  /** The connection is reset without an answer. */
  | 'reset'
  /** The headers and half of the body, then the connection is reset; what was sent is handled before. */
  | 'half-answer'
  /** Handled, and answered so much later. */
  | { readonly delayMs: number }

/** An HTTP server that plays a vendor: it answers by its handler, or for once as a test has told it to. */
export class VendorServer {
  readonly requests: VendorRequest[] = []
  readonly #server: Server
  readonly #handle: (request: VendorRequest) => VendorAnswer
  readonly #misbehaviours: Misbehaviour[] = []

  private constructor(handle: (request: VendorRequest) => VendorAnswer) {
    this.#handle = handle
    this.#server = createServer((incoming, response) => {
      this.#serve(incoming, response).catch(() => response.destroy())
    })
  }

  static async start(handle: (request: VendorRequest) => VendorAnswer): Promise<VendorServer> {
    const server = new VendorServer(handle)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the server does not listen')
    return `http://127.0.0.1:${String(address.port)}`
  }

  /** One for each of the next requests. */
  misbehave(...misbehaviours: readonly Misbehaviour[]): void {
    this.#misbehaviours.push(...misbehaviours)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()))
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
    const wire = Buffer.concat(chunks)
    const request: VendorRequest = {
      method: incoming.method ?? '',
      url: new URL(incoming.url ?? '/', 'http://vendor'),
      headers: incoming.headers,
      body: incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire,
      wireBytes: wire.length,
    }
    this.requests.push(request)
    const misbehaviour = this.#misbehaviours.shift()
    if (misbehaviour === 'reset') {
      incoming.socket.resetAndDestroy()
      return
    }
    if (misbehaviour === undefined) {
      answer(response, this.#handle(request))
    } else if (misbehaviour === 'half-answer') {
      const { status, body = '' } = this.#handle(request)
      const bytes = Buffer.from(body)
      response.writeHead(status, { 'content-length': String(bytes.length + 10) })
      response.write(bytes.subarray(0, bytes.length >> 1), () => incoming.socket.resetAndDestroy())
    } else if ('delayMs' in misbehaviour) {
      const late = this.#handle(request)
      await new Promise((resolve) => setTimeout(resolve, misbehaviour.delayMs))
      answer(response, late)
    } else {
      answer(response, misbehaviour)
    }
  }
}

function answer(response: ServerResponse, { status, headers = {}, body }: VendorAnswer): void {
  response.writeHead(status, headers)
  response.end(body)
}
