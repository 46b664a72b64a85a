import type { ClusterStatus } from '../contract/index.ts'

const YELLOW = 33
const RED = 31
const GREY = 90

/** Colour is for what departs from normal: a healthy cluster has none. */
const COLOURS: Readonly<Record<ClusterStatus, number | undefined>> = {
  healthy: undefined,
  degraded: YELLOW,
  silent: RED,
  'cut-off': RED,
  unknown: GREY,
}

/** The status in words, and in colour if that is wanted. */
export function paintStatus(status: ClusterStatus, colour: boolean): string {
  const word = status === 'cut-off' ? 'cut off' : status
  const code = COLOURS[status]
  return !colour || code === undefined ? word : `\u001b[${String(code)}m${word}\u001b[0m`
}
