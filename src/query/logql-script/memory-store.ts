import { createMemoryLogs, type MemoryLogStream } from '../memory-logs.ts'
import type { LogScriptStore } from './run.ts'

const EPOCH_NS = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n

/** A script's lines in memory, without any store around them. */
export function createMemoryLogScriptStore(): LogScriptStore {
  let streams: MemoryLogStream[] = []
  return {
    epochNs: EPOCH_NS,
    load: ({ labels, lines }) => {
      const entries = lines.map(({ offsetNs, line, metadata }) => ({
        timeNs: EPOCH_NS + BigInt(Math.round(offsetNs)),
        line,
        structuredMetadata: metadata,
      }))
      streams = [...streams, { labels, lines: entries }]
      return Promise.resolve()
    },
    clear: () => {
      streams = []
      return Promise.resolve()
    },
    get source() {
      return createMemoryLogs(streams)
    },
    scope: { tenants: 'all' },
  }
}
