import { connect, createServer, type Server, type Socket } from 'node:net'

/** Between an edge and the hub: passes bytes on, and does to connections what bad networks do. */
export class TcpProxy {
  readonly #server: Server
  readonly #pairs = new Set<readonly [client: Socket, upstream: Socket]>()
  /** Bytes towards the hub that pass before the connections are reset; undefined for none. */
  #resetAfter: number | undefined
  #swallow = false

  private constructor(target: () => { readonly host: string; readonly port: number }) {
    this.#server = createServer((client) => {
      const upstream = connect(target())
      const pair = [client, upstream] as const
      this.#pairs.add(pair)
      client.on('data', (bytes) => this.#toHub(bytes, upstream))
      upstream.on('data', (bytes) => this.#toEdge(bytes, client))
      for (const socket of pair) {
        // The other side learns of it by 'close'.
        socket.on('error', () => undefined)
        socket.on('close', () => {
          for (const other of pair) other.destroy()
          this.#pairs.delete(pair)
        })
      }
    })
  }

  /** Listens on a port of loopback. `target` is asked for each connection. */
  static async listen(target: () => { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Resets all connections once so many more bytes have passed to the hub: in the middle of a request. */
  resetAfter(bytes: number): void {
    this.#resetAfter = bytes
  }

  /** Requests pass, answers do not: whatever the hub takes in meanwhile is committed and not acknowledged. */
  swallowAnswers(): void {
    this.#swallow = true
  }

  /** Resets what lost answers, and lets answers through again. */
  heal(): void {
    if (this.#swallow) this.#resetAll()
    this.#swallow = false
    this.#resetAfter = undefined
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#resetAll()
    await closed
  }

  #toHub(bytes: Buffer, upstream: Socket): void {
    const left = this.#resetAfter
    upstream.write(left === undefined ? bytes : bytes.subarray(0, left))
    if (left === undefined) return
    this.#resetAfter = left - bytes.length
    if (this.#resetAfter > 0) return
    this.#resetAfter = undefined
    // The part that was let through is to arrive before the reset.
    setTimeout(() => this.#resetAll(), 5)
  }

  #toEdge(bytes: Buffer, client: Socket): void {
    if (!this.#swallow) client.write(bytes)
  }

  #resetAll(): void {
    for (const [client, upstream] of this.#pairs) {
      client.resetAndDestroy()
      upstream.resetAndDestroy()
    }
  }
}
