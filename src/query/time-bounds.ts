/**
 * No telemetry lies outside of these times: the store counts nanoseconds in 64 bits. Callers may ask for any time, so
 * what goes to a source is brought within them.
 */
const EARLIEST_MS = Date.UTC(1900, 0, 1)
const LATEST_MS = Date.UTC(2262, 0, 1)

/** The nearest time at which there can be telemetry, in whole milliseconds. */
export function clampTimeMs(timeMs: number): number {
  return Math.trunc(Math.min(LATEST_MS, Math.max(EARLIEST_MS, timeMs)))
}

/** The same for nanoseconds. */
export function clampTimeNs(timeNs: bigint): bigint {
  const earliest = BigInt(EARLIEST_MS) * 1_000_000n
  const latest = BigInt(LATEST_MS) * 1_000_000n
  return timeNs < earliest ? earliest : timeNs > latest ? latest : timeNs
}
