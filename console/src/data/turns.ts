/** At most `limit` tasks at once; the others wait in order. One that is aborted while it waits gives its turn up. */
export function createTurns(limit: number): <T>(task: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []

  const next = (): void => {
    running -= 1
    waiting.shift()?.()
  }
  return async (task, signal) => {
    signal.throwIfAborted()
    if (running >= limit) await waitForTurn(waiting, signal)
    running += 1
    try {
      return await task()
    } finally {
      next()
    }
  }
}

function waitForTurn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = (): void => {
      signal.removeEventListener('abort', leave)
      resolve()
    }
    const leave = (): void => {
      waiting.splice(waiting.indexOf(go), 1)
      reject(signal.reason instanceof Error ? signal.reason : new DOMException('no longer needed', 'AbortError'))
    }
    waiting.push(go)
    signal.addEventListener('abort', leave, { once: true })
  })
}
