import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Counter, type Logger, messageOf } from '../../../core/index.ts'

/** The files of the host, by their absolute path there. */
export interface HostFiles {
  /** Where the file is for us. */
  resolve(file: string): string
  /** The text, or undefined when it cannot be read: that is counted, and named in the log once. */
  read(file: string): Promise<string | undefined>
  /** The first of the files that can be read. Only when none can be, it is counted and named. */
  readFirst(...files: readonly string[]): Promise<string | undefined>
  /** Like `read`, for what may come and go: nothing is counted. */
  readQuietly(file: string): Promise<string | undefined>
  list(dir: string): Promise<readonly string[]>
  /** Counts that something about the file went wrong; names it in the log once. */
  report(file: string, reason: unknown): void
}

export function createHostFiles(rootPath: string, log: Logger, unreadable: Counter<'file'>): HostFiles {
  const named = new Set<string>()
  const files: HostFiles = {
    resolve: (file) => path.join(rootPath, file),
    read: (file) => files.readFirst(file),
    readFirst: async (...candidates) => {
      let reason: unknown
      for (const file of candidates) {
        try {
          return await readFile(files.resolve(file), 'utf8')
        } catch (caught) {
          reason ??= caught
        }
      }
      files.report(candidates[0] ?? '', reason)
      return undefined
    },
    readQuietly: async (file) => {
      try {
        return await readFile(files.resolve(file), 'utf8')
      } catch {
        // It is gone: a process that has ended, a device that was taken out.
        return undefined
      }
    },
    list: async (dir) => {
      try {
        return await readdir(files.resolve(dir))
      } catch (reason) {
        files.report(dir, reason)
        return []
      }
    },
    report: (file, reason) => {
      unreadable.inc({ file })
      if (named.has(file)) return
      named.add(file)
      log.warn({ file: files.resolve(file), error: messageOf(reason) }, 'host metrics: not readable')
    },
  }
  return files
}
