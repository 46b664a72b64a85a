import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { silentLogger } from '../../core/index.ts'
import { createStoreClient, type StoreClient, type StoreConnection } from '../client.ts'
import type { EngineMessage } from '../engine/index.ts'
import { migrate } from '../schema/index.ts'
import { buildEngineProgram } from './engine-program.ts'

/**
 * Why the engine cannot run here, or undefined if it can. For `describe.skipIf`, with the reason in the title. Where
 * FLEETGLASS_TEST_REQUIRE is a list with `engine` in it there is no reason: the tests run, and fail without it.
 */
export const noEngineReason: string | undefined = isEngineRequired() ? undefined : findEngine()

export interface TestEngine {
  readonly connection: StoreConnection
  readonly client: StoreClient
  readonly pid: number
  stop(): Promise<void>
}

/** A real engine process with an empty, migrated database, reached over its socket or over TCP. */
export async function startTestEngine(over: 'socket' | 'tcp' = 'socket'): Promise<TestEngine> {
  const { program, remove } = await buildEngineProgram()
  const dir = mkdtempSync(path.join(tmpdir(), 'fleetglass-engine-'))
  const socketPath = path.join(dir, 'run', 'engine.sock')
  const listen = over === 'socket' ? ['--socket', socketPath] : ['--port', '0']
  const child = fork(program, ['--dir', path.join(dir, 'data'), ...listen], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '16', FLEETGLASS_LOG_LEVEL: 'warn' },
    execArgv: [],
  })
  const ready = await firstMessage(child)
  const connection = over === 'socket' ? { socketPath } : { url: `http://127.0.0.1:${String(ready.port)}` }
  const client = createStoreClient(connection)
  await migrate(client, silentLogger())
  return {
    connection,
    client,
    pid: child.pid ?? 0,
    stop: async () => {
      await client.close()
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      remove()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function firstMessage(child: ChildProcess): Promise<{ readonly port?: number }> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => {
      const told = message as EngineMessage
      if (told.type === 'ready') resolve(told)
      else reject(new Error(told.message))
    })
    child.once('exit', (code) => {
      reject(new Error(`the engine ended at start with code ${String(code)}`))
    })
  })
}

function isEngineRequired(): boolean {
  return (process.env['FLEETGLASS_TEST_REQUIRE'] ?? '').split(',').some((word) => word.trim() === 'engine')
}

function findEngine(): string | undefined {
  try {
    createRequire(import.meta.url).resolve(`@chdb/lib-${process.platform}-${process.arch}${libc()}`)
    return undefined
  } catch {
    return `chDB has no binary for ${process.platform}-${process.arch}`
  }
}

function libc(): string {
  return process.platform === 'linux' ? '-gnu' : ''
}
