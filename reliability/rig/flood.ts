import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import path from 'node:path'
import { logTemplate, metricTemplate, spanTemplate, type Template } from '../../bench/load/template.ts'
import { sleep } from '../../e2e/testing/local-fleet.ts'

const STREAMS = [
  { path: '/v1/metrics', template: metricTemplate },
  { path: '/v1/logs', template: logTemplate },
  { path: '/v1/traces', template: spanTemplate },
] as const
const CONNECTIONS_OF_A_STREAM = 24
/** A sender that is refused comes again soon, whatever it was told. */
const RUDE_WAIT_MS = 20

/** Sends metrics, logs and spans by OTLP/HTTP, as much as a machine can, and pays no heed to hints to wait. */
export class Flood {
  /** Requests by the status of the answer; 0 is none. */
  readonly statuses = new Map<number, number>()
  readonly #port: number
  readonly #agent: Agent
  #running: readonly Promise<void>[] = []
  #stopped = false

  constructor(port: number, pkiDir: string, cluster: string) {
    const file = (name: string): Buffer => readFileSync(path.join(pkiDir, name))
    this.#port = port
    this.#agent = new Agent({
      keepAlive: true,
      ca: file('ca.crt'),
      cert: file(`${cluster}.crt`),
      key: file(`${cluster}.key`),
    })
  }

  start(): void {
    this.#running = STREAMS.flatMap(({ path: urlPath, template }) =>
      Array.from({ length: CONNECTIONS_OF_A_STREAM }, (_, i) => this.#send(urlPath, template(i))),
    )
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#running)
    this.#agent.destroy()
  }

  async #send(urlPath: string, template: Template): Promise<void> {
    while (!this.#stopped) {
      const status = await this.#post(urlPath, template.next(Date.now())).catch(() => 0)
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
      if (status !== 200) await sleep(RUDE_WAIT_MS)
    }
  }

  #post(urlPath: string, body: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      const options = {
        host: 'localhost',
        port: this.#port,
        path: urlPath,
        method: 'POST',
        agent: this.#agent,
        timeout: 30_000,
        headers: { 'content-type': 'application/x-protobuf' },
      }
      const asked = request(options, (response) => {
        response.resume()
        response.on('error', reject)
        response.on('end', () => resolve(response.statusCode ?? 0))
      })
      asked.on('timeout', () => asked.destroy(new Error('no answer')))
      asked.on('error', reject)
      asked.end(body)
    })
  }
}
