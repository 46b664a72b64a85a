import type { LogSource } from '../log-source.ts'
import type { LogVolumeSource, StreamVolume } from '../log-volume-source.ts'

/** Volumes that are found by reading the lines. */
export function createMemoryVolumes(source: LogSource): LogVolumeSource {
  return {
    volumes: async (scope, { matchers, startNs, endNs, steps }, signal) => {
      const found = new Map<unknown, { -readonly [K in keyof StreamVolume]: StreamVolume[K] }>()
      const range = { startNs, endNs, ends: '[start, end)' } as const
      const columns = { line: 'bytes', metadata: [] } as const
      const request = { matchers, range, columns, condition: { t: 'all', of: [] }, direction: 'forward' } as const
      for await (const block of source.select(scope, request, signal)) {
        for (let row = 0; row < block.rows; row++) {
          const stream = block.stream(row)
          const volume = found.get(stream) ?? {
            labels: stream.labels,
            lines: new Float64Array(steps),
            bytes: new Float64Array(steps),
            days: 1,
          }
          found.set(stream, volume)
          const step = Number((((block.timesNs[row] ?? 0n) - startNs) * BigInt(steps)) / (endNs - startNs))
          volume.lines[step] = (volume.lines[step] ?? 0) + 1
          volume.bytes[step] = (volume.bytes[step] ?? 0) + block.bytes(row)
        }
      }
      return [...found.values()]
    },
  }
}
