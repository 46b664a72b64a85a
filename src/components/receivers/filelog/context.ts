import type { Clock, Logger } from '../../../core/index.ts'
import { messageOf } from '../../../core/index.ts'
import type { FilelogConfig } from './config.ts'
import type { FilelogMeters } from './meters.ts'

const MAX_REPORTED = 1_000

/** What the parts of one receiver share. */
export interface FilelogContext {
  readonly name: string
  readonly config: FilelogConfig
  readonly clock: Clock
  readonly log: Logger
  readonly meters: FilelogMeters
  readonly signal: AbortSignal
  /** Counts a failed operation on a file; the first time for each file it is logged too. */
  readonly reportError: (operation: string, file: string, reason: unknown) => void
}

export function createErrorReporter(name: string, log: Logger, meters: FilelogMeters): FilelogContext['reportError'] {
  const reported = new Set<string>()
  return (operation, file, reason) => {
    meters.errors.inc({ receiver: name, operation })
    const key = `${operation} ${file}`
    if (reported.has(key) || reported.size >= MAX_REPORTED) return
    reported.add(key)
    log.warn({ receiver: name, operation, file, error: messageOf(reason) }, 'log file trouble')
  }
}
