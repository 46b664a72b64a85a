import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { jsonResponse } from '../../messages.ts'
import type { QueryRunner } from '../../runner.ts'
import { createTestHub, type TestHub } from '../../testing/test-hub.ts'
import type { TailEntry, TailLook } from '../tail-frame.ts'
import { type FrameSocket, TailClient } from './tail-client.ts'
import { renderFrame } from './tail-frame-text.ts'

const entry = (ns: number, line: string): TailEntry => ({ ns: String(ns), labels: '{"a":"b"}', line })

let hub: TestHub | undefined
afterEach(async () => {
  await hub?.app.close()
  hub = undefined
})

/** A hub whose worker answers each look with the next of these. */
async function hubThatSees(
  looks: readonly (readonly TailEntry[])[],
): Promise<{ readonly port: number; asked: string[] }> {
  const asked: string[] = []
  const runner: QueryRunner = {
    run: (request) => {
      asked.push(request.query)
      const look: TailLook = { entries: looks[asked.length - 1] ?? [], receivedMs: 0 }
      return Promise.resolve(jsonResponse(JSON.stringify(look)))
    },
    close: () => Promise.resolve(),
  }
  hub = await createTestHub({ runner })
  await hub.app.listen({ host: '127.0.0.1', port: 0 })
  return { port: (hub.app.server.address() as AddressInfo).port, asked }
}

function open(port: number, query: string, caller: 'dev' | 'nobody' = 'dev'): WebSocket {
  const url = `ws://127.0.0.1:${String(port)}/loki/api/v1/tail?query=${encodeURIComponent(query)}`
  return new WebSocket(url, { headers: hub?.headers(caller) ?? {} })
}

async function frames(socket: WebSocket, count: number): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const [data] of on(socket)) {
    found.push(JSON.parse(String(data)))
    if (found.length === count) break
  }
  return found
}

async function* on(socket: WebSocket): AsyncGenerator<unknown[]> {
  const queue: unknown[][] = []
  let wake = (): void => undefined
  socket.on('message', (data: Buffer) => {
    queue.push([data.toString()])
    wake()
  })
  for (;;) {
    const next = queue.shift()
    if (next !== undefined) yield next
    else
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
}

describe('tail', () => {
  it('sends the latest lines and then what is new, each line once', async () => {
    const [a, b, c] = [entry(1, 'a'), entry(2, 'b'), entry(3, 'c')]
    const { port, asked } = await hubThatSees([[a], [a, b], [a, b, c]])
    const socket = open(port, '{a="b"}')
    expect(await frames(socket, 3)).toEqual(
      [a, b, c].map(({ ns, line }) => ({
        streams: [{ stream: { a: 'b' }, values: [[ns, line]] }],
        dropped_entries: null,
      })),
    )
    expect(new URLSearchParams(asked[0]).get('limit')).toBe('100')
    socket.terminate()
    await once(socket, 'close')
  })

  it.each([
    ['nobody', '{a="b"}', 401],
    ['dev', '{a="b"}&delay_for=6', 400],
  ] as const)('refuses %s with %s: %i', async (caller, query, status) => {
    const { port } = await hubThatSees([])
    const url = `ws://127.0.0.1:${String(port)}/loki/api/v1/tail?query=${query}`
    const socket = new WebSocket(url, { headers: hub?.headers(caller) ?? {} })
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }]
    expect(response.statusCode).toBe(status)
  })

  it('answers who offers another protocol as if it had not', async () => {
    const { port } = await hubThatSees([])
    const response = await fetchWithUpgrade(port)
    expect(response).toMatch(/^HTTP\/1\.1 200 OK[^]*ok\n$/)
  })
})

async function fetchWithUpgrade(port: number): Promise<string> {
  const { connect } = await import('node:net')
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

describe('a client of a tail', () => {
  it('is told what it was too slow for', () => {
    const sent: string[] = []
    let dropped = 0
    const socket: FrameSocket & { bufferedAmount: number } = {
      bufferedAmount: 0,
      send: (text) => sent.push(text),
      close: () => undefined,
    }
    const client = new TailClient(socket, [], (count) => {
      dropped += count
    })
    const push = (...entries: TailEntry[]): void => {
      client.push(entries, () => renderFrame(entries, []))
    }
    push(entry(1, 'a'))
    socket.bufferedAmount = 2 ** 30
    push(entry(2, 'b'), entry(3, 'c'))
    socket.bufferedAmount = 0
    push(entry(4, 'd'))
    push(entry(5, 'e'))
    expect(dropped).toBe(2)
    expect(sent.map((text) => JSON.parse(text) as unknown)).toMatchObject([
      { dropped_entries: null },
      { dropped_entries: [{ labels: { a: 'b' }, timestamp: '2' }, { timestamp: '3' }] },
      { streams: [{ values: [['5', 'e']] }], dropped_entries: null },
    ])
  })
})
