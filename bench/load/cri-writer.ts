import { appendFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'

const BURST_MS = 50

/** Log files in the layout of Kubernetes, and lines for them as containers write: a third JSON, in bursts. */
export class CriWriter {
  readonly #files: readonly string[]
  #sequence = 0

  /** Makes the (empty) files below `dir`. */
  constructor(dir: string, files: number) {
    this.#files = Array.from({ length: files }, (_, i) => path.join(dir, `pods/shop_pod-${i}_uid-${i}/app/0.log`))
    for (const file of this.#files) {
      mkdirSync(path.dirname(file), { recursive: true })
      appendFileSync(file, '')
    }
  }

  /** Writes at the rate, spread over the files. */
  async write(linesPerSecond: number, seconds: number): Promise<void> {
    const total = seconds * linesPerSecond
    const startedAt = performance.now()
    for (let written = 0, turn = 0; written < total; ) {
      const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1_000) * linesPerSecond))
      const share = Math.ceil((due - written) / 10)
      for (let i = 0; i < 10 && written < due; i++) {
        const lines = Math.min(share, due - written)
        const file = this.#files[turn++ % this.#files.length]
        if (file !== undefined && lines > 0) appendFileSync(file, this.#lines(lines))
        written += lines
      }
      await new Promise((resolve) => setTimeout(resolve, BURST_MS))
    }
  }

  /** Writes so many lines to all files together, at once. */
  burst(lines: number): void {
    const each = Math.floor(lines / this.#files.length)
    for (const file of this.#files) appendFileSync(file, this.#lines(each))
  }

  #lines(count: number): string {
    let text = ''
    for (let i = 0; i < count; i++) {
      const time = `${new Date().toISOString().slice(0, -1)}000000Z`
      const n = this.#sequence++
      const body =
        n % 3 === 0
          ? `{"level":"info","msg":"request done","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","n":${n}}`
          : `GET /api/cart/${n} 200 12ms user=4711 session=0af7651916cd43dd upstream=10.0.3.17:8080 bytes=18234 cache=miss retries=0`
      text += `${time} stdout F ${body}\n`
    }
    return text
  }
}
