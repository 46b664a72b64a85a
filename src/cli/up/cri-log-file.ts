import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'

export interface CriLogFileOptions {
  /** `…/pods/<namespace>_<pod>_<uid>/<container>` */
  readonly dir: string
  /** The file is rotated when it grows past this. */
  readonly maxBytes: number
  /** How many rotated files are kept beside the current one. */
  readonly keep: number
}

/** A container runtime writes lines longer than this in pieces, all but the last marked P (partial). */
const MAX_LINE_BYTES = 16 * 1024

const NEWLINE = 0x0a

/**
 * Writes a process' output as a container runtime writes a container's: one line
 * `<time> <stdout|stderr> <P|F> <text>` in `0.log`, rotated by renaming as the kubelet does it.
 */
export class CriLogFile {
  readonly #options: CriLogFileOptions
  readonly #pending = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
  #fd: number
  #bytes = 0
  #rotated: string[] = []

  constructor(options: CriLogFileOptions) {
    this.#options = options
    mkdirSync(options.dir, { recursive: true })
    this.#fd = openSync(this.#current, 'a')
  }

  /** Takes any piece of the output; whole lines are written at once, the rest waits for its end. */
  write(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    let rest = Buffer.concat([this.#pending[stream], chunk])
    for (;;) {
      const end = rest.indexOf(NEWLINE)
      if (end < 0) break
      this.#writeLine(stream, rest.subarray(0, end))
      rest = rest.subarray(end + 1)
    }
    this.#pending[stream] = Buffer.from(rest)
  }

  close(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#pending[stream].length > 0) this.#writeLine(stream, this.#pending[stream])
      this.#pending[stream] = Buffer.alloc(0)
    }
    closeSync(this.#fd)
  }

  get #current(): string {
    return path.join(this.#options.dir, '0.log')
  }

  #writeLine(stream: 'stdout' | 'stderr', line: Buffer): void {
    const time = `${new Date().toISOString().slice(0, -1)}000000Z`
    let at = 0
    do {
      const piece = line.subarray(at, at + MAX_LINE_BYTES)
      at += piece.length
      const tag = at < line.length ? 'P' : 'F'
      const bytes = Buffer.concat([Buffer.from(`${time} ${stream} ${tag} `), piece, Buffer.from('\n')])
      this.#bytes += writeSync(this.#fd, bytes)
    } while (at < line.length)
    if (this.#bytes > this.#options.maxBytes) this.#rotate()
  }

  #rotate(): void {
    const stamp = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
    const rotated = `${this.#current}.${stamp}`
    renameSync(this.#current, rotated)
    closeSync(this.#fd)
    this.#fd = openSync(this.#current, 'a')
    this.#bytes = 0
    this.#rotated.push(rotated)
    while (this.#rotated.length > this.#options.keep) rmSync(this.#rotated.shift() ?? '', { force: true })
  }
}
