const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** `38 ms`, `4.2 s`, `6 min 12 s`, `2 h 29 min`, `19 d`. */
export function renderDuration(ms: number): string {
  const whole = Math.max(0, ms)
  if (whole < 1_000) return `${whole.toFixed(0)} ms`
  if (whole < 10_000) return `${(whole / 1_000).toFixed(1)} s`
  if (whole < MINUTE_MS) return `${Math.floor(whole / 1_000).toFixed(0)} s`
  if (whole < HOUR_MS) return twoParts(whole, [MINUTE_MS, 'min'], [1_000, 's'])
  if (whole < 2 * DAY_MS) return twoParts(whole, [HOUR_MS, 'h'], [MINUTE_MS, 'min'])
  return `${String(Math.floor(whole / DAY_MS))} d`
}

function twoParts(ms: number, large: readonly [number, string], small: readonly [number, string]): string {
  const first = `${String(Math.floor(ms / large[0]))} ${large[1]}`
  const rest = Math.floor((ms % large[0]) / small[0])
  return rest === 0 ? first : `${first} ${String(rest)} ${small[1]}`
}

/** The time of day in UTC, with the date when it is not today's. */
export function renderTime(atMs: number, nowMs: number): string {
  const text = new Date(atMs).toISOString()
  const isToday = text.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10)
  return isToday ? text.slice(11, 19) : `${text.slice(0, 10)} ${text.slice(11, 16)}`
}

/** Exact, in groups of three: for numbers that must add up. */
export function renderCount(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, '\u202f')
}

/** One line of at most `length` characters: what edges and peers say goes into lists that have a limit. */
export function clip(text: string, length = 300): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`
}
