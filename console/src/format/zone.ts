/** In which zone times are read and written. */
export type Zone = 'utc' | 'local'

export interface ClockParts {
  readonly year: number
  /** 1 to 12 */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly ms: number
}

export function partsOf(atMs: number, zone: Zone): ClockParts {
  const at = new Date(atMs)
  return zone === 'utc'
    ? {
        year: at.getUTCFullYear(),
        month: at.getUTCMonth() + 1,
        day: at.getUTCDate(),
        hour: at.getUTCHours(),
        minute: at.getUTCMinutes(),
        second: at.getUTCSeconds(),
        ms: at.getUTCMilliseconds(),
      }
    : {
        year: at.getFullYear(),
        month: at.getMonth() + 1,
        day: at.getDate(),
        hour: at.getHours(),
        minute: at.getMinutes(),
        second: at.getSeconds(),
        ms: at.getMilliseconds(),
      }
}

/** ms since the epoch of a reading of the clock; parts beyond their range carry over, as `Date` does. */
export function instantOf(parts: ClockParts, zone: Zone): number {
  const { year, month, day, hour, minute, second, ms } = parts
  return zone === 'utc'
    ? Date.UTC(year, month - 1, day, hour, minute, second, ms)
    : new Date(year, month - 1, day, hour, minute, second, ms).getTime()
}

/** `UTC`, or the distance of the local zone from it: `UTC+4`, `UTC−3:30`. */
export function zoneName(zone: Zone, atMs: number): string {
  if (zone === 'utc') return 'UTC'
  const minutes = -new Date(atMs).getTimezoneOffset()
  if (minutes === 0) return 'UTC+0'
  const rest = Math.abs(minutes) % 60
  return `UTC${minutes < 0 ? '−' : '+'}${Math.trunc(Math.abs(minutes) / 60)}${rest === 0 ? '' : `:${pad(rest)}`}`
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0')

/** `2026-11-20` */
export function toDay(atMs: number, zone: Zone): string {
  const { year, month, day } = partsOf(atMs, zone)
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}`
}

/** `03:11`, `03:11:58` or `03:11:58.244` */
export function toTimeOfDay(atMs: number, zone: Zone, precision: 'minute' | 'second' | 'ms' = 'second'): string {
  const { hour, minute, second, ms } = partsOf(atMs, zone)
  if (precision === 'minute') return `${pad(hour)}:${pad(minute)}`
  const seconds = `${pad(hour)}:${pad(minute)}:${pad(second)}`
  return precision === 'second' ? seconds : `${seconds}.${pad(ms, 3)}`
}

/** The time of day, with the day in front when it is another than that of `nowMs`. */
export function toMoment(
  atMs: number,
  nowMs: number,
  zone: Zone,
  precision: 'minute' | 'second' | 'ms' = 'second',
): string {
  const day = toDay(atMs, zone)
  const time = toTimeOfDay(atMs, zone, precision)
  return day === toDay(nowMs, zone) ? time : `${day} ${time}`
}
