import { useEffect, useState } from 'react'
import { queryLogs, readTailMessage } from '../../data/loki/client.ts'
import { type LogEntry, mergeEntries } from '../../data/loki/entry.ts'
import { addNs } from './use-logs.ts'

/** How many lines of the tail are kept, and how often they come into sight. */
const KEPT = 5_000
const SHOW_EVERY_MS = 250
const ASK_EVERY_MS = 2_000
const ASK_LIMIT = 1_000

export interface Tail {
  /** Newest first. */
  readonly entries: readonly LogEntry[]
  readonly state: 'off' | 'connecting' | 'socket' | 'asking' | 'failed'
  /** Lines that the hub did not send because it could not keep up. */
  readonly dropped: number
}

const OFF: Tail = { entries: [], state: 'off', dropped: 0 }

/** New lines as they come: by the hub's WebSocket, or, where it has none, by asking every two seconds. */
export function useTail(query: string, isOn: boolean, fromNs: string, tenant: string | undefined): Tail {
  const [tail, setTail] = useState<Tail>(OFF)
  useEffect(() => {
    if (!isOn || query.trim() === '') {
      setTail(OFF)
      return undefined
    }
    setTail({ ...OFF, state: 'connecting' })
    const controller = new AbortController()
    let waiting: LogEntry[] = []
    let dropped = 0
    let state: Tail['state'] = 'connecting'
    const timer = setInterval(() => {
      const fresh = waiting
      waiting = []
      setTail((before) =>
        fresh.length === 0 && before.state === state
          ? before
          : { entries: mergeEntries([fresh, before.entries], true).slice(0, KEPT), state, dropped },
      )
    }, SHOW_EVERY_MS)
    const take = (entries: readonly LogEntry[]): void => {
      waiting.push(...entries)
    }
    openSocket(query, fromNs, controller.signal, {
      onOpen: () => {
        state = 'socket'
      },
      onMessage: (text) => {
        const message = readTailMessage(text)
        dropped += message.dropped
        take(message.entries)
      },
      onEnd: () => {
        if (controller.signal.aborted) return
        state = 'asking'
        void askAgain(query, fromNs, controller.signal, tenant, take, () => {
          state = 'failed'
        })
      },
    })
    return () => {
      controller.abort()
      clearInterval(timer)
    }
  }, [query, isOn, fromNs, tenant])
  return tail
}

function openSocket(
  query: string,
  fromNs: string,
  signal: AbortSignal,
  on: { readonly onOpen: () => void; readonly onMessage: (text: string) => void; readonly onEnd: () => void },
): void {
  const address = new URL('/loki/api/v1/tail', window.location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  address.search = new URLSearchParams({ query, start: fromNs, limit: String(ASK_LIMIT) }).toString()
  const socket = new WebSocket(address)
  signal.addEventListener('abort', () => socket.close(), { once: true })
  socket.addEventListener('open', on.onOpen)
  socket.addEventListener('message', ({ data }) => {
    if (typeof data !== 'string') return
    try {
      on.onMessage(data)
    } catch {
      // A message that cannot be read ends this way of tailing; asking takes over.
      socket.close()
    }
  })
  socket.addEventListener('close', on.onEnd, { once: true })
}

async function askAgain(
  query: string,
  sinceNs: string,
  signal: AbortSignal,
  tenant: string | undefined,
  take: (entries: readonly LogEntry[]) => void,
  onFailure: () => void,
): Promise<void> {
  let fromNs = sinceNs
  const isOver = (): boolean => signal.aborted
  while (!isOver()) {
    try {
      const toNs = `${Date.now()}000000`
      const question = { query, fromNs, toNs, direction: 'forward' as const, limit: ASK_LIMIT }
      const { entries } = await queryLogs(question, { signal, tenant })
      take(entries)
      const newest = mergeEntries([entries], true)[0]
      if (newest !== undefined) fromNs = addNs(newest.ns, 1n)
    } catch {
      if (!isOver()) onFailure()
      return
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS))
  }
}
