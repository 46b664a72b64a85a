import { type Component, type Logger, shutdownAll, startAll, tellSupervisor } from '../core/index.ts'

/** How long a program may take to flush and stop; its supervisor waits a little longer. */
const SHUTDOWN_MS = 3_500

/**
 * Starts the components in order, tells the supervisor, waits for SIGTERM, Ctrl-C or the end of the supervisor, and
 * shuts down in reverse order. Returns when all is stopped; a component that hangs does not keep the process alive.
 */
export async function runComponents(components: readonly Component[], log: Logger, onReady: () => void): Promise<void> {
  const stop = stopSignal()
  await startAll(components, log, stop)
  tellSupervisor({ type: 'ready' })
  onReady()
  await aborted(stop)
  log.info('stopping')
  const guard = setTimeout(() => {
    log.error('not stopped in time')
    process.exit(1)
  }, SHUTDOWN_MS + 500)
  await shutdownAll(components, log, AbortSignal.timeout(SHUTDOWN_MS))
  clearTimeout(guard)
  log.info('stopped')
  process.exit(0)
}

function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(name, () => stop.abort())
  return stop.signal
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
