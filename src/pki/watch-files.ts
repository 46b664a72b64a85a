import { statSync } from 'node:fs'
import { AppError, type Clock, systemClock } from '../core/index.ts'

export interface WatchFilesOptions {
  /** Ends the watching. */
  readonly signal: AbortSignal
  /** Gets what `onChange` threw. */
  readonly onError: (error: AppError) => void
  readonly clock?: Clock
  readonly intervalMs?: number
}

/**
 * Calls `onChange` when any of the files has become another, and resolves when the signal aborts. It looks at what
 * the paths lead to instead of listening for events, so that a file replaced by a rename and the symbolic links that
 * Kubernetes swaps under a mounted secret are seen alike, on any file system.
 *
 * A change is reported once all files are there and stayed the same for one interval; if `onChange` throws, it is
 * called again after the next. Start watching before the first reading: then nothing falls between the two.
 */
export async function watchFiles(
  paths: readonly string[],
  onChange: () => Promise<void>,
  options: WatchFilesOptions,
): Promise<void> {
  const { signal, onError, clock = systemClock, intervalMs = 1_000 } = options
  let reported = stateOf(paths)
  let previous = reported
  for (;;) {
    await clock.sleep(intervalMs, signal)
    if (signal.aborted) return
    const current = stateOf(paths)
    const settled = current !== undefined && current === previous
    previous = current
    if (!settled || current === reported) continue
    try {
      await onChange()
      reported = current
    } catch (reason) {
      onError(AppError.from(reason, 'internal', `take over ${paths.join(', ')}`))
    }
  }
}

/** What tells one state of the files from another; undefined while one of them is missing. */
function stateOf(paths: readonly string[]): string | undefined {
  const states = paths.map((path) => {
    // Three stat calls a second on local files: not worth a promise each.
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stats === undefined ? undefined : [stats.dev, stats.ino, stats.size, stats.mtimeNs].join(':')
  })
  return states.includes(undefined) ? undefined : states.join(' ')
}
