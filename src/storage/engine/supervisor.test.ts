import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMetrics, type Metrics, silentLogger, systemClock } from '../../core/index.ts'
import { createStoreClient, type StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { sql } from '../sql.ts'
import { buildEngineProgram } from '../testing/engine-program.ts'
import { noEngineReason } from '../testing/test-engine.ts'
import { createEngineSupervisor, type EngineSupervisor } from './supervisor.ts'

const signal = new AbortController().signal
const log = silentLogger()

describe.skipIf(noEngineReason !== undefined)(`the engine process ${noEngineReason ?? ''}`, () => {
  let built: Awaited<ReturnType<typeof buildEngineProgram>>
  let dir: string
  let metrics: Metrics
  let engine: EngineSupervisor
  let client: StoreClient
  beforeAll(async () => {
    built = await buildEngineProgram()
    dir = mkdtempSync(path.join(tmpdir(), 'fleetglass-engine-'))
    metrics = createMetrics()
    engine = createEngineSupervisor({ dir, log, metrics, clock: systemClock, program: built.program })
    await engine.start(signal)
    client = createStoreClient(engine.connection)
    await client.createDatabase()
    await client.command(
      sql`CREATE TABLE kept (a UInt64, day UInt8 DEFAULT a % 2) ENGINE = MergeTree PARTITION BY day ORDER BY a
      SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1`,
    )
  })
  afterAll(async () => {
    await client.close()
    await engine.shutdown(AbortSignal.timeout(10_000))
    built.remove()
    rmSync(dir, { recursive: true, force: true })
  })

  const rows = async (): Promise<number> =>
    (await queryJson<{ n: number }>(client, sql`SELECT toUInt32(count()) AS n FROM kept`))[0]?.n ?? -1
  /** Columns 1, rows 2, `a` of UInt64: 1 and 2. */
  const block = Buffer.concat([
    Buffer.from([1, 2, 1, 0x61, 6]),
    Buffer.from('UInt64'),
    Buffer.from(BigUint64Array.of(1n, 2n).buffer),
  ])
  const killEngine = async (): Promise<number> => {
    const killed = engine.pid ?? 0
    process.kill(killed, 'SIGKILL')
    await expect.poll(() => engine.pid !== killed && metricValue(metrics, 'fleetglass_engine_up'), POLL).toBe(1)
    return killed
  }

  it('lets nobody but its owner to its socket', () => {
    const { socketPath } = engine.connection
    expect(statSync(socketPath).mode & 0o777).toBe(0o600)
    expect(statSync(path.dirname(socketPath)).mode & 0o777).toBe(0o700)
  })

  it('is started again when it is killed, with its data, at the same address', async () => {
    await client.insertNative('kept', ['a'], block, 'one')
    const killed = await killEngine()
    expect(engine.pid).not.toBe(killed)
    expect(await rows()).toBe(2)
    expect(await metricValue(metrics, 'fleetglass_engine_restarts_total')).toBe(1)
  })

  it('remembers the tokens of inserts over its death', async () => {
    for (const token of ['one', 'two', 'two']) await client.insertNative('kept', ['a'], block, token)
    expect(await rows()).toBe(4)
    await killEngine()
    for (const token of ['one', 'two']) await client.insertNative('kept', ['a'], block, token)
    expect(await rows()).toBe(4)
  })

  it('stores an insert again of which it remembers the token but lost the part', async () => {
    await client.command(sql`SYSTEM STOP MERGES kept`)
    await client.insertNative('kept', ['a'], block, 'torn')
    const before = await rows()
    const [last] = await queryJson<{ path: string }>(
      client,
      sql`SELECT path FROM system.parts WHERE table = 'kept' AND active ORDER BY max_block_number DESC LIMIT 1`,
    )
    // As if the engine had died after it noted the token and before it put the last part in place.
    process.kill(engine.pid ?? 0, 'SIGSTOP')
    rmSync(last?.path ?? '', { recursive: true })
    await killEngine()
    expect(await rows()).toBe(before - 1)
    await client.insertNative('kept', ['a'], block, 'torn')
    expect(await rows()).toBe(before)
  })

  it('is unavailable, which is retryable, while it is away', async () => {
    const running = client.query(sql`SELECT sleep(2)`, { format: 'TSV' })
    const expected = expect(running).rejects.toMatchObject({ code: 'unavailable', retryable: true })
    await expect.poll(async () => (await processes(client)).includes('sleep(2)'), POLL).toBe(true)
    await killEngine()
    await expected
    await client.ping(signal)
  })

  it('ends when its parent goes away', async () => {
    const orphanDir = mkdtempSync(path.join(tmpdir(), 'fleetglass-orphan-'))
    const child = fork(built.program, ['--dir', orphanDir, '--port', '0'], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    await new Promise((resolve) => child.once('message', resolve))
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.disconnect()
    expect(await ended).toBe(0)
    rmSync(orphanDir, { recursive: true, force: true })
  })
})

describe('an engine that cannot start', () => {
  it('fails at once, in its own words, when trying again is no use', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'fleetglass-engine-'))
    const program = path.join(dir, 'program.mjs')
    writeFileSync(
      program,
      `process.send({ type: 'failed', message: 'no binary here', retryable: false })\nprocess.disconnect()\n`,
    )
    const engine = createEngineSupervisor({ dir, log, metrics: createMetrics(), clock: systemClock, program })
    await expect(engine.start(signal)).rejects.toMatchObject({ message: 'no binary here', retryable: false })
    await engine.shutdown(signal)
    rmSync(dir, { recursive: true, force: true })
  })

  it('is tried again until the signal ends it', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'fleetglass-engine-'))
    const program = path.join(dir, 'program.mjs')
    writeFileSync(program, 'process.exit(3)\n')
    const engine = createEngineSupervisor({ dir, log, metrics: createMetrics(), clock: systemClock, program })
    await expect(engine.start(AbortSignal.timeout(500))).rejects.toMatchObject({ code: 'cancelled' })
    await engine.shutdown(signal)
    await engine.shutdown(signal)
    rmSync(dir, { recursive: true, force: true })
  })
})

const POLL = { timeout: 10_000, interval: 50 }

async function metricValue(metrics: Metrics, name: string): Promise<number> {
  const { body } = await metrics.render()
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(body)?.[1])
}

async function processes(client: StoreClient): Promise<string> {
  const rows = await queryJson<{ query: string }>(client, sql`SELECT query FROM system.processes`)
  return rows.map(({ query }) => query).join('\n')
}
