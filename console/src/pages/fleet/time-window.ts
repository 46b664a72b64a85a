const MINUTE_MS = 60_000

/** How far back the page looks, until now. */
export interface TimeWindow {
  readonly lengthMs: number
  /** Between two labelled times. */
  readonly tickMs: number
}

const HOUR: TimeWindow = { lengthMs: 60 * MINUTE_MS, tickMs: 10 * MINUTE_MS }
const WINDOWS: readonly TimeWindow[] = [
  { lengthMs: 5 * MINUTE_MS, tickMs: MINUTE_MS },
  { lengthMs: 10 * MINUTE_MS, tickMs: 2 * MINUTE_MS },
  { lengthMs: 30 * MINUTE_MS, tickMs: 5 * MINUTE_MS },
  HOUR,
]

/** The shortest window that holds all that the hub can know, which is nothing from before its start; at most an hour. */
export function windowOf(snapshot: {
  readonly nowMs: number
  readonly hub: { readonly startedAtMs: number }
}): TimeWindow {
  const knownMs = snapshot.nowMs - snapshot.hub.startedAtMs
  return WINDOWS.find(({ lengthMs }) => knownMs <= lengthMs) ?? HOUR
}

/** Round times inside a window, away from its ends, where their words would stand out. */
export function ticksOf(startMs: number, { lengthMs, tickMs }: TimeWindow): readonly number[] {
  const margin = lengthMs / 50
  const first = Math.ceil((startMs + margin) / tickMs) * tickMs
  const count = Math.max(0, Math.floor((startMs + lengthMs - margin - first) / tickMs) + 1)
  return Array.from({ length: count }, (_, i) => first + i * tickMs)
}

/**
 * The part of a history, which ends now, that lies in the window. A bucket that has only begun has no value yet: that is
 * no gap, so it is left out while the one before has a value.
 */
export function lastOf(
  values: readonly (number | null)[],
  stepMs: number,
  { lengthMs }: TimeWindow,
): readonly (number | null)[] {
  const hasBegun = values.at(-1) === null && typeof values.at(-2) === 'number'
  return (hasBegun ? values.slice(0, -1) : values).slice(-Math.max(1, Math.round(lengthMs / stepMs)))
}
