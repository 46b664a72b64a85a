const pad = (value: number, width = 2): string => String(value).padStart(width, '0')

/** `03:11:58` in UTC, with the day in front when it is not today. */
export function toClock(ms: number, nowMs: number, withSeconds = true): string {
  const at = new Date(ms)
  const time = `${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}${withSeconds ? `:${pad(at.getUTCSeconds())}` : ''}`
  return at.toISOString().slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10)
    ? time
    : `${at.toISOString().slice(0, 10)} ${time}`
}

/** `2026-11-20 02:12` */
export function toDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}
