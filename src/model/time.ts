/** Both ends inclusive unless said otherwise; milliseconds since the Unix epoch. */
export interface TimeRange {
  readonly startMs: number
  readonly endMs: number
}
