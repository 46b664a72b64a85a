import { AppError, messageOf } from './errors.ts'
import type { Logger } from './log.ts'

/** A thing with a life: a server, a reader, a loop. */
export interface Component {
  readonly name: string
  /** Resolves when ready to work; long work goes on after it. Rejects if it cannot start. */
  start(signal: AbortSignal): Promise<void>
  /** Flushes and stops within what the signal allows. Safe before start, and twice. */
  shutdown(signal: AbortSignal): Promise<void>
}

/**
 * Starts components in order; shuts them down in reverse. If one fails to start, those already started are shut
 * down before the error is thrown.
 */
export async function startAll(components: readonly Component[], log: Logger, signal: AbortSignal): Promise<void> {
  const started: Component[] = []
  for (const component of components) {
    try {
      await component.start(signal)
      started.push(component)
    } catch (reason) {
      await shutdownAll(started, log, AbortSignal.timeout(5_000))
      throw AppError.from(reason, 'internal', `start ${component.name}`)
    }
  }
}

/** Shuts down in reverse order of the list; an error of one does not keep the others from stopping. */
export async function shutdownAll(components: readonly Component[], log: Logger, signal: AbortSignal): Promise<void> {
  for (const component of [...components].reverse()) {
    try {
      await component.shutdown(signal)
    } catch (reason) {
      log.error({ component: component.name, error: messageOf(reason) }, 'shutdown failed')
    }
  }
}
