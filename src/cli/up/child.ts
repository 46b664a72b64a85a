import { type ChildProcess, spawn } from 'node:child_process'
import { AppError, Backoff, type ChildMessage, type Clock, isChildMessage } from '../../core/index.ts'

export interface ChildOptions {
  readonly name: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void
  /** The process ended though nobody asked it to; it is started again after a pause. */
  readonly onDeath: (how: string) => void
  /** Its process id, or that of a process of its own, is new. */
  readonly onProcess?: () => void
}

/** How long a process may take to stop by itself before it is killed. */
const STOP_MS = 4_000

/**
 * One Node program under supervision: started, started again when it dies, stopped with SIGTERM. Its standard input is
 * a pipe that we hold, so that it notices when we are gone, and its IPC channel carries `{ type: 'ready' }`.
 */
export class Child {
  readonly name: string
  readonly #options: ChildOptions
  readonly #backoff: Backoff
  readonly #stopping = new AbortController()
  #process: ChildProcess | undefined
  #ready = false
  #restarts = 0
  #lastWords = ''
  #failure: string | undefined
  readonly #processes = new Map<string, number>()
  #running: Promise<void> = Promise.resolve()

  constructor(options: ChildOptions) {
    this.name = options.name
    this.#options = options
    this.#backoff = new Backoff(options.clock, { initialMs: 500, maxMs: 10_000 })
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Its own processes by name. */
  get processes(): ReadonlyMap<string, number> {
    return this.#processes
  }

  get ready(): boolean {
    return this.#ready
  }

  get restarts(): number {
    return this.#restarts
  }

  start(): void {
    this.#running = this.#supervise()
  }

  /** Resolves when the program says that it is ready; rejects with its last words when it dies before. */
  async waitReady(signal: AbortSignal): Promise<void> {
    while (!this.#ready) {
      if (signal.aborted) throw new AppError('timeout', `${this.name} was not ready in time: ${this.#lastWords}`)
      if (this.#failure !== undefined) throw new AppError('unavailable', this.#failure)
      if (this.#restarts > 0) throw new AppError('unavailable', `${this.name} ended at its start: ${this.#lastWords}`)
      await this.#options.clock.sleep(25, signal)
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    const child = this.#process
    if (child?.exitCode === null) {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await this.#running
      clearTimeout(timer)
    }
    await this.#running
  }

  async #supervise(): Promise<void> {
    for (;;) {
      const how = await this.#runOnce()
      if (this.#isStopping()) return
      this.#restarts += 1
      this.#options.onDeath(how)
      await this.#backoff.wait(this.#stopping.signal)
      if (this.#isStopping()) return
    }
  }

  #hear(message: ChildMessage): void {
    switch (message.type) {
      case 'ready':
        this.#ready = true
        this.#backoff.reset()
        return
      case 'failed':
        this.#failure = message.message
        return
      case 'process':
        this.#processes.set(message.name, message.pid)
        this.#options.onProcess?.()
        return
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  #runOnce(): Promise<string> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [...this.#options.args], {
        cwd: this.#options.cwd,
        env: { ...process.env, ...this.#options.env },
        stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
        // A group of its own: Ctrl-C in the terminal is for us, who then stop the programs in order.
        detached: true,
      })
      this.#process = child
      child.stdout?.on('data', (chunk: Buffer) => this.#options.onOutput('stdout', chunk))
      child.stderr?.on('data', (chunk: Buffer) => {
        this.#lastWords = chunk.toString().trim().slice(-2_000)
        this.#options.onOutput('stderr', chunk)
      })
      this.#options.onProcess?.()
      child.on('message', (message) => {
        if (isChildMessage(message)) this.#hear(message)
      })
      child.on('error', (reason) => resolve(reason.message))
      child.on('exit', (code, signal) => {
        this.#ready = false
        resolve(signal === null ? `it ended with code ${String(code)}` : `it was ended by ${signal}`)
      })
    })
  }
}
