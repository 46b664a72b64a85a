import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { sleep } from '../../e2e/testing/local-fleet.ts'

/** The built program of the package in which the experiments are run. */
const FLEETGLASS = path.resolve('dist/bin/fleetglass.js')
const START_MS = 60_000
const KEPT_OUTPUT = 20_000

export interface ProgramOptions {
  /** Of `fleetglass`. */
  readonly args: readonly string[]
  /** Answers 200 when the program is ready. */
  readonly readyUrl: string
  readonly env?: Readonly<Record<string, string>>
  /** What Node is run by, such as `ip netns exec NAME`. */
  readonly prefix?: readonly string[]
  /** Called with the process id before the program has done anything. */
  readonly onSpawn?: (pid: number) => void
}

/** A hub or an edge that is started, frozen, killed and started again. */
export class Program {
  readonly #options: ProgramOptions
  #process: ChildProcess | undefined
  #output = ''
  #env: Readonly<Record<string, string>>

  constructor(options: ProgramOptions) {
    this.#options = options
    this.#env = options.env ?? {}
  }

  /** Starts it and waits until it is ready; returns how long that took, in milliseconds. */
  async start(env: Readonly<Record<string, string>> = this.#env): Promise<number> {
    this.launch(env)
    return this.waitReady()
  }

  /** Starts it without waiting. */
  launch(env: Readonly<Record<string, string>> = this.#env): void {
    this.#env = env
    const [command, ...before] = [...(this.#options.prefix ?? []), process.execPath]
    const child = spawn(command, [...before, FLEETGLASS, ...this.#options.args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    this.#process = child
    if (child.pid !== undefined) this.#options.onSpawn?.(child.pid)
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-KEPT_OUTPUT)
      })
    }
  }

  async waitReady(): Promise<number> {
    const startedAt = performance.now()
    while (!(await this.isReady())) {
      if (!this.isRunning) throw new Error(`fleetglass ${this.#options.args[0] ?? ''} ended early:\n${this.#output}`)
      if (performance.now() - startedAt > START_MS) throw new Error(`it is not ready:\n${this.#output}`)
      await sleep(10)
    }
    return performance.now() - startedAt
  }

  async isReady(): Promise<boolean> {
    try {
      return (await fetch(this.#options.readyUrl, { signal: AbortSignal.timeout(2_000) })).ok
    } catch {
      return false
    }
  }

  get isRunning(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  /** What it wrote last. */
  get output(): string {
    return this.#output
  }

  /** Its own process and those that it has started, such as the engine. */
  get pids(): readonly number[] {
    return [this.pid, ...childrenOf(this.pid)]
  }

  /** Kills it as the kernel does when there is no memory, and waits until it and its children are gone. */
  async kill(): Promise<void> {
    const children = childrenOf(this.pid)
    await this.#end('SIGKILL')
    // The engine notices that its parent is gone and ends by itself; the next hub waits for that.
    while (children.some(isAlive)) await sleep(5)
  }

  /** Kills it and its children, frozen or not. */
  async killAll(): Promise<void> {
    const children = childrenOf(this.pid)
    for (const pid of children) process.kill(pid, 'SIGKILL')
    await this.#end('SIGKILL')
    while (children.some(isAlive)) await sleep(5)
  }

  async stop(): Promise<void> {
    const killing = setTimeout(() => this.#process?.kill('SIGKILL'), 10_000)
    await this.#end('SIGTERM')
    clearTimeout(killing)
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (child === undefined || !this.isRunning) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }
}

/** Processes that were started by this one. */
export function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Freezes processes and waits until no thread of them is in the kernel any more. */
export async function freeze(pids: readonly number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  while (!pids.every(isStopped)) await sleep(1)
}

function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((task) => {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
  })
}

/** In bytes. */
export function residentBytes(pid: number): number {
  const [, kibibytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1_024
}
