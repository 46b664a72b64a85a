import { readFileSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import { request as httpRequest } from 'node:http'
import path from 'node:path'
import { sleep } from './local-fleet.ts'

const BATCH = 20

/**
 * Sends numbered log records one batch after the other and remembers which numbers were acknowledged. It never repeats
 * a batch: what was not acknowledged may be there or not, what was acknowledged must be there once.
 */
export class Producer {
  readonly acknowledged = new Set<string>()
  readonly name: string
  /** How often each status was the answer. */
  readonly statuses = new Map<number, number>()
  sent = 0
  readonly #post: (body: string) => Promise<number>
  readonly #pauseMs: number
  #running: Promise<void> = Promise.resolve()
  #stopped = false

  /** With `pauseMs` it waits between batches; otherwise it sends as fast as it is answered. */
  constructor(name: string, post: (body: string) => Promise<number>, pauseMs = 0) {
    this.name = name
    this.#post = post
    this.#pauseMs = pauseMs
  }

  /** Answers that did not acknowledge. */
  get refusals(): number {
    return [...this.statuses].reduce((sum, [status, count]) => sum + (status === 200 ? 0 : count), 0)
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const ids = Array.from({ length: BATCH }, () => `${this.name}-${this.sent++}`)
      try {
        const status = await this.#post(renderLogs(ids))
        this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
        if (status === 200) for (const id of ids) this.acknowledged.add(id)
        else await sleep(100)
        if (this.#pauseMs > 0) await sleep(this.#pauseMs)
      } catch {
        // Killed while it answered, or not back yet.
        await sleep(100)
      }
    }
  }
}

let lastNs = 0n

/** OTLP/JSON; every record has a time of its own, so that answers can be read page by page. */
function renderLogs(ids: readonly string[]): string {
  const logRecords = ids.map((id) => {
    const nowNs = BigInt(Date.now()) * 1_000_000n
    lastNs = nowNs > lastNs ? nowNs : lastNs + 1_000n
    return { timeUnixNano: String(lastNs), body: { stringValue: id } }
  })
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'producer' } }] }
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] })
}

/** A client of an edge: OTLP/HTTP on loopback. */
export function postToEdge(port: number): (body: string) => Promise<number> {
  return (body) => post(`http://127.0.0.1:${port}/v1/logs`, body)
}

/** A client of the hub itself, with a cluster's certificate. */
export function postToHub(
  port: number,
  pkiDir: string,
  cluster: string,
  host = 'localhost',
): (body: string) => Promise<number> {
  const agent = new Agent({
    keepAlive: true,
    ca: readFileSync(path.join(pkiDir, 'ca.crt')),
    cert: readFileSync(path.join(pkiDir, `${cluster}.crt`)),
    key: readFileSync(path.join(pkiDir, `${cluster}.key`)),
  })
  return (body) => post(`https://${host}:${port}/v1/logs`, body, agent)
}

function post(url: string, body: string, agent?: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', timeout: 10_000, headers: { 'content-type': 'application/json' } }
    const request = agent === undefined ? httpRequest(url, options) : httpsRequest(url, { ...options, agent })
    request.on('response', (response) => {
      response.resume()
      response.on('error', reject)
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', reject)
    request.end(body)
  })
}
