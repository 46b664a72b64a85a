import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  AppError,
  Backoff,
  type Clock,
  type Component,
  type Gauge,
  type Logger,
  type Metrics,
} from '../../core/index.ts'
import type { EngineMessage } from './program.ts'

export interface EngineSupervisorOptions {
  /** Everything of the engine lies in it; made if absent. */
  readonly dir: string
  readonly log: Logger
  readonly metrics: Metrics
  readonly clock: Clock
  /** The engine's program; by default the one built beside this file. */
  readonly program?: string
}

export interface EngineSupervisor extends Component {
  /** Where the engine answers, the same after every restart. Known once started. */
  readonly connection: { readonly socketPath: string }
  /** Of the process that runs now. */
  readonly pid: number | undefined
}

type State =
  | { readonly is: 'idle' }
  | { readonly is: 'starting'; readonly child: ChildProcess }
  | { readonly is: 'ready'; readonly child: ChildProcess }
  | { readonly is: 'waiting' }
  | { readonly is: 'stopped' }

/** Unix: the longest path of a socket is 107 bytes, less on macOS. */
const MAX_SOCKET_PATH_BYTES = 100
const BACKOFF = { initialMs: 200, maxMs: 10_000 }
/** An engine that lived this long has earned a quick restart. */
const STEADY_AFTER_MS = 60_000
/** The engine runs one thread of libuv per busy session, and a few for files and gzip. */
const UV_THREADS = 16

/**
 * Runs the engine process and starts it again when it dies. Nothing is lost by its death: what was acknowledged is in
 * the durable log, and whoever was talking to it repeats.
 */
export function createEngineSupervisor(options: EngineSupervisorOptions): EngineSupervisor {
  return new Supervisor(options)
}

class Supervisor implements EngineSupervisor {
  readonly name = 'engine'
  readonly #options: EngineSupervisorOptions
  readonly #backoff: Backoff
  readonly #stop = new AbortController()
  readonly #restarts
  readonly #up: Gauge
  #socketPath: string | undefined
  #state: State = { is: 'idle' }
  #watching: Promise<void> = Promise.resolve()

  constructor(options: EngineSupervisorOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.clock, BACKOFF)
    this.#restarts = options.metrics.counter(
      'fleetglass_engine_restarts_total',
      'Times the engine process died and was started again.',
    )
    this.#up = options.metrics.gauge('fleetglass_engine_up', 'Whether the engine process is ready (1) or not (0).')
    this.#up.set(0)
  }

  get connection(): { readonly socketPath: string } {
    if (this.#socketPath === undefined) throw new AppError('internal', 'BUG: the engine has not been started')
    return { socketPath: this.#socketPath }
  }

  get pid(): number | undefined {
    return this.#state.is === 'ready' || this.#state.is === 'starting' ? this.#state.child.pid : undefined
  }

  async start(signal: AbortSignal): Promise<void> {
    if (this.#state.is !== 'idle') throw new AppError('internal', 'BUG: the engine is started twice')
    this.#socketPath = await placeSocket(this.#options.dir)
    const child = await this.#launchUntilReady(AbortSignal.any([signal, this.#stop.signal]))
    this.#watching = this.#watch(child)
  }

  async shutdown(signal: AbortSignal): Promise<void> {
    const child = this.#state.is === 'ready' || this.#state.is === 'starting' ? this.#state.child : undefined
    this.#state = { is: 'stopped' }
    this.#stop.abort()
    if (child !== undefined) await endProcess(child, signal)
    await this.#watching
    this.#up.set(0)
  }

  /** Waits for the death of the process, starts another one, and so on until shutdown. */
  async #watch(first: ChildProcess): Promise<void> {
    let child = first
    for (;;) {
      const readyAt = this.#options.clock.now()
      const how = await exitOf(child)
      this.#up.set(0)
      if (this.#stop.signal.aborted) return
      this.#restarts.inc()
      this.#options.log.error({ how }, 'the engine process died; starting it again')
      this.#state = { is: 'waiting' }
      if (this.#options.clock.now() - readyAt > STEADY_AFTER_MS) this.#backoff.reset()
      await this.#backoff.wait(this.#stop.signal)
      try {
        child = await this.#launchUntilReady(this.#stop.signal)
      } catch (reason) {
        const error = AppError.from(reason)
        if (error.code !== 'cancelled') this.#options.log.error({ error: error.message }, 'the engine stays away')
        return
      }
    }
  }

  /** Tries until the engine is ready. Gives up at the signal, or when it says that trying again is no use. */
  async #launchUntilReady(signal: AbortSignal): Promise<ChildProcess> {
    while (!signal.aborted) {
      try {
        return await this.#launch(signal)
      } catch (reason) {
        const error = AppError.from(reason, 'unavailable', 'start the engine')
        if (!error.retryable) throw error
        this.#options.log.warn({ error: error.message }, 'the engine did not start; trying again')
        await this.#backoff.wait(signal)
      }
    }
    throw new AppError('cancelled', 'start the engine: stopped before it was ready')
  }

  async #launch(signal: AbortSignal): Promise<ChildProcess> {
    const { dir, log, program } = this.#options
    const child = fork(program ?? builtProgram(), ['--dir', dir, '--socket', this.connection.socketPath], {
      env: { ...process.env, UV_THREADPOOL_SIZE: String(UV_THREADS) },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#state = { is: 'starting', child }
    try {
      const startMs = await readiness(child, signal)
      this.#state = { is: 'ready', child }
      this.#up.set(1)
      log.info({ pid: child.pid, start_ms: startMs }, 'the engine process is ready')
      return child
    } catch (reason) {
      child.kill('SIGKILL')
      await exitOf(child)
      throw reason
    }
  }
}

/** Beside the data if the path is short enough for a socket, else in a directory of its own below the system's. */
async function placeSocket(dir: string): Promise<string> {
  const beside = path.join(path.resolve(dir), 'run', 'engine.sock')
  if (Buffer.byteLength(beside) <= MAX_SOCKET_PATH_BYTES) return beside
  return path.join(await mkdtemp(path.join(tmpdir(), 'fleetglass-')), 'engine.sock')
}

function builtProgram(): string {
  return fileURLToPath(new URL('../../bin/engine.js', import.meta.url))
}

/** Resolves to the milliseconds that the engine took to start. */
async function readiness(child: ChildProcess, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const give = (reason: AppError): void => {
      reject(reason)
    }
    child.once('error', (reason) => {
      give(AppError.from(reason, 'unavailable', 'fork the engine process'))
    })
    child.once('exit', (code, killedBy) => {
      give(new AppError('unavailable', `the engine process ended at start (${String(killedBy ?? code)})`))
    })
    child.once('message', (message) => {
      // The other end of this channel is our own program.
      const told = message as EngineMessage
      if (told.type === 'ready') resolve(told.startMs)
      else give(new AppError('unavailable', told.message, { retryable: told.retryable }))
    })
    signal.addEventListener('abort', () => {
      give(new AppError('cancelled', 'start the engine: stopped before it was ready'))
    })
  })
}

/** How the process ended: its exit code or the signal that killed it. */
async function exitOf(child: ChildProcess): Promise<string> {
  if (child.exitCode !== null || child.signalCode !== null) return String(child.signalCode ?? child.exitCode)
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(String(signal ?? code))
    })
    child.once('error', (reason) => {
      if (child.pid === undefined) resolve(reason.message)
    })
  })
}

/** Asks the process to end, and makes it when the signal aborts. */
async function endProcess(child: ChildProcess, signal: AbortSignal): Promise<void> {
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  signal.addEventListener('abort', kill)
  if (signal.aborted) kill()
  else child.kill('SIGTERM')
  await exitOf(child)
  signal.removeEventListener('abort', kill)
}
