import type { Worker } from 'node:worker_threads'

const TIMEOUT_MS = 1_000

/** What the hub's workers are asked for their metrics with. */
export interface MetricsRequest {
  readonly type: 'metrics'
  readonly id: number
}

/** The metrics of a worker: asked for in a message, answered in another. */
export class WorkerMetrics {
  readonly #pending = new Map<number, (body: string) => void>()
  #nextId = 1

  /** As exposition text; empty if there is no worker, or it does not answer within a second. */
  ask(worker: Worker | undefined): Promise<string> {
    if (worker === undefined) return Promise.resolve('')
    const id = this.#nextId++
    return new Promise((resolve) => {
      const settle = (body: string): void => {
        clearTimeout(timer)
        this.#pending.delete(id)
        resolve(body)
      }
      const timer = setTimeout(settle, TIMEOUT_MS, '')
      this.#pending.set(id, settle)
      worker.postMessage({ type: 'metrics', id } satisfies MetricsRequest)
    })
  }

  /** The worker's answer. */
  answer({ id, body }: { readonly id: number; readonly body: string }): void {
    this.#pending.get(id)?.(body)
  }
}
