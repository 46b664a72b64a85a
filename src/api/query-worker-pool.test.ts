import { afterEach, describe, expect, it } from 'vitest'
import { AppError, createMetrics, silentLogger } from '../core/index.ts'
import { createQueryRunner, type QueryRunner, type QueryRunnerOptions } from './index.ts'
import type { ApiRequest } from './messages.ts'

/**
 * A worker that does what the query says: `echo`, `wait` (answers when cancelled), `slow` (100 ms), `die`, `throw`,
 * `spin` (holds its thread for ever).
 */
const PROGRAM = `
  import { parentPort, workerData, threadId } from 'node:worker_threads'
  const running = new Map()
  const answer = (id, text) => {
    const body = new TextEncoder().encode(text)
    parentPort.postMessage({ type: 'response', id, response: { status: 200, headers: {}, body } }, [body.buffer])
  }
  parentPort.on('message', (message) => {
    if (message.type === 'stop') parentPort.close()
    if (message.type === 'cancel') answer(message.id, 'cancelled')
    if (message.type !== 'request') return
    const { id, request, scope } = message
    if (request.query === 'echo') answer(id, JSON.stringify({ scope, workerData }))
    if (request.query === 'thread') answer(id, String(threadId))
    if (request.query === 'slow') setTimeout(answer, 100, id, String(threadId))
    if (request.query === 'die') process.exit(3)
    if (request.query === 'throw') throw new Error('bang')
    if (request.query === 'spin') for (;;);
  })
`

let runner: QueryRunner | undefined
afterEach(async () => {
  await runner?.close()
  runner = undefined
})

function start(options: Partial<QueryRunnerOptions> = {}): QueryRunner {
  runner = createQueryRunner({
    workerUrl: new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`),
    workerData: { for: 'the worker' },
    log: silentLogger(),
    metrics: createMetrics(),
    ...options,
  })
  return runner
}

const never = new AbortController().signal

function requestOf(query: string): ApiRequest {
  return { route: 'prometheus.query', path: {}, query, form: '', headers: {} }
}

async function ask(query: string, signal = never, tenant = 'dev'): Promise<string> {
  if (runner === undefined) throw new Error('start first')
  try {
    const { body } = await runner.run(requestOf(query), { tenants: [tenant] }, signal)
    return new TextDecoder().decode(body)
  } catch (reason) {
    return AppError.from(reason).code
  }
}

describe('a pool of query workers', () => {
  it('passes the request, its scope and the data for the worker', async () => {
    start()
    expect(JSON.parse(await ask('echo'))).toEqual({ scope: { tenants: ['dev'] }, workerData: { for: 'the worker' } })
  })

  it.each(['die', 'throw'])('answers what a worker had when it fails (%s), and goes on with a new one', async (how) => {
    start()
    const waiting = ask('slow')
    expect(await ask(how)).toBe('unavailable')
    expect(await waiting).toBe('unavailable')
    expect(await ask('echo')).toContain('dev')
  })

  it('uses a second worker while the first is busy', async () => {
    start({ workers: 2 })
    const [first, second] = await Promise.all([ask('slow'), ask('slow')])
    expect(first).not.toBe(second)
  })

  it('lets a bounded number wait', async () => {
    start({ perWorker: 1, maxQueue: 1 })
    const answers = await Promise.all([ask('slow'), ask('thread'), ask('thread')])
    expect(answers[0]).toBe(answers[1])
    expect(answers[2]).toBe('exhausted')
  })

  it('lets a tenant have so many at once; another one passes those that wait', async () => {
    start({ perTenant: 1 })
    const order: string[] = []
    const done = async (name: string, answer: Promise<string>): Promise<void> => {
      await answer
      order.push(name)
    }
    await Promise.all([
      done('slow of dev', ask('slow')),
      done('next of dev', ask('echo')),
      done('first of prd', ask('echo', never, 'prd')),
    ])
    expect(order).toEqual(['first of prd', 'slow of dev', 'next of dev'])
  })

  it('answers in time whatever the worker does', async () => {
    start({ timeoutMs: 2_000 })
    expect(await ask('wait')).toBe('timeout')
    expect(await ask('echo')).toContain('dev')
  })

  it('cancels, also what still waits', async () => {
    start({ perWorker: 1 })
    const running = new AbortController()
    const waiting = new AbortController()
    const answers = Promise.all([ask('wait', running.signal), ask('wait', waiting.signal)])
    waiting.abort()
    running.abort()
    expect(await answers).toEqual(['cancelled', 'cancelled'])
    expect(await ask('echo')).toContain('dev')
  })

  it('ends a worker that does not hear', async () => {
    start({ timeoutMs: 200 })
    const [spinning, beside] = [ask('spin'), ask('echo')]
    expect(await spinning).toBe('timeout')
    expect(await beside).toBe('timeout')
    await expect.poll(() => ask('echo'), { timeout: 10_000, interval: 500 }).toContain('dev')
  }, 15_000)

  it('stops at once, even with a worker that does not hear', async () => {
    const pool = start()
    const spinning = ask('spin')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const before = performance.now()
    await pool.close()
    expect(performance.now() - before).toBeLessThan(1_000)
    expect(await spinning).toBe('unavailable')
    expect(await ask('echo')).toBe('unavailable')
  })
})
