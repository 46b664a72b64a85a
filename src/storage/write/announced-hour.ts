const MS_PER_HOUR = 3_600_000

/**
 * The hours for which an id is announced. They begin at a moment of the id's own, given by the low bits of its key, so
 * that the rows of a hundred thousand series spread over the hour instead of all coming at its turn.
 */
export function hourOf(ms: number, keyLow = 0): number {
  return Math.floor((ms + shiftOf(keyLow)) / MS_PER_HOUR)
}

/** The first millisecond of the hour. */
export function hourStartMs(hour: number, keyLow: number): number {
  return hour * MS_PER_HOUR - shiftOf(keyLow)
}

/** The last millisecond of the hour. */
export function hourEndMs(hour: number, keyLow: number): number {
  return hourStartMs(hour, keyLow) + MS_PER_HOUR - 1
}

function shiftOf(keyLow: number): number {
  return (keyLow >>> 0) % MS_PER_HOUR
}
