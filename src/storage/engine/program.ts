import { chmod, mkdir, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { ListenOptions } from 'node:net'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { AppError, createLogger, type Logger, messageOf, systemClock } from '../../core/index.ts'
import { DEFAULT_ENGINE_LIMITS, Engine } from './engine.ts'
import { createEngineServer } from './server.ts'

/** What the engine process tells its parent. */
export type EngineMessage =
  | { readonly type: 'ready'; readonly startMs: number; readonly port?: number }
  | { readonly type: 'failed'; readonly message: string; readonly retryable: boolean }

/** After this, what still runs is cut off: its clients repeat it. */
const CLOSE_TIMEOUT_MS = 10_000
/** For the last answers to leave. */
const ANSWER_TIMEOUT_MS = 500

/**
 * The engine process: `--dir DIR` with `--socket PATH`, or `--port N` on loopback. Run by hand it is a small ClickHouse
 * server for curl. As a child it tells its parent when it is ready and ends when the parent is gone.
 */
export async function runEngineProgram(args: readonly string[]): Promise<void> {
  const log = createLogger('engine')
  try {
    const { dir, listen } = parseEngineArgs(args)
    const beganAt = performance.now()
    const engine = await Engine.open(dir, DEFAULT_ENGINE_LIMITS, systemClock, log)
    const server = createEngineServer(engine)
    await startListening(server, listen)
    closeOnSignals(engine, server, log)
    const address = server.address()
    const startMs = Math.round(performance.now() - beganAt)
    tellParent({ type: 'ready', startMs, ...(typeof address === 'object' && address ? { port: address.port } : {}) })
    log.info({ dir, listen, start_ms: startMs }, 'engine is ready')
  } catch (reason) {
    const error = AppError.from(reason, 'unavailable', 'start the engine')
    log.error({ error: error.message, cause: causesOf(error) }, 'engine cannot start')
    tellParent({ type: 'failed', message: error.message, retryable: error.retryable })
    process.exitCode = 1
    // Without a parent that listens the process has nothing left to do and ends by itself.
    if (process.connected) process.disconnect()
  }
}

function parseEngineArgs(args: readonly string[]): { readonly dir: string; readonly listen: ListenOptions } {
  const { values } = parseArgs({
    args: [...args],
    options: { dir: { type: 'string' }, socket: { type: 'string' }, port: { type: 'string' } },
  })
  const { dir, socket, port } = values
  if (dir === undefined || (socket === undefined) === (port === undefined)) {
    throw new AppError('invalid', 'usage: engine --dir DIR (--socket PATH | --port PORT)')
  }
  if (socket !== undefined) return { dir, listen: { path: socket } }
  return { dir, listen: { host: '127.0.0.1', port: Number(port) } }
}

/** On a socket only its owner may use: there are no users and passwords behind it. */
async function startListening(server: Server, listen: ListenOptions): Promise<void> {
  if (listen.path !== undefined) {
    await mkdir(path.dirname(listen.path), { recursive: true, mode: 0o700 })
    await chmod(path.dirname(listen.path), 0o700)
    // The data directory's lock is held by now, so a socket that lies here belongs to a process that is gone.
    await rm(listen.path, { force: true })
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(listen, () => {
      server.off('error', reject)
      resolve()
    })
  })
  if (listen.path !== undefined) await chmod(listen.path, 0o600)
}

function closeOnSignals(engine: Engine, server: Server, log: Logger): void {
  let closing = false
  const close = (why: string): void => {
    if (closing) return
    closing = true
    log.info({ why }, 'engine is closing')
    // A statement that does not end must not keep the process: its client repeats it.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), CLOSE_TIMEOUT_MS).unref()
    void closeBoth(engine, server)
      .catch((reason: unknown) => {
        log.error({ error: messageOf(reason) }, 'engine did not close cleanly')
      })
      .then(() => process.exit())
  }
  process.on('SIGTERM', () => {
    close('SIGTERM')
  })
  process.on('SIGINT', () => {
    // A terminal interrupts children too. The parent says when the engine is no longer needed.
    if (!process.connected) close('SIGINT')
  })
  process.on('disconnect', () => {
    close('the parent is gone')
  })
}

async function closeBoth(engine: Engine, server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  await engine.close()
  // What has been answered is on its way out; connections without a request end at once.
  server.closeIdleConnections()
  await Promise.race([closed, systemClock.sleep(ANSWER_TIMEOUT_MS)])
}

function tellParent(message: EngineMessage): void {
  process.send?.(message)
}

function causesOf(error: Error): string | undefined {
  return error.cause === undefined ? undefined : messageOf(error.cause)
}
