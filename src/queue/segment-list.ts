import type { SegmentInfo } from './recovery.ts'

/** A segment for those who look at the log from outside; `end` is the sequence behind its last record. */
export interface SegmentFacts {
  readonly base: number
  readonly end: number
  readonly bytes: number
  /** When it was begun, ms since the epoch; 0 if unknown. */
  readonly createdAtMs: number
}

/** The segments that make up the log, oldest first; the last is the one that is appended to. */
export class SegmentList {
  readonly #segments: SegmentInfo[]
  #bytes: number

  constructor(segments: readonly SegmentInfo[]) {
    this.#segments = [...segments]
    this.#bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
  }

  get count(): number {
    return this.#segments.length
  }

  get bytes(): number {
    return this.#bytes
  }

  get oldest(): SegmentInfo | undefined {
    return this.#segments[0]
  }

  /** The oldest segment if it is complete, with the sequence behind its last record. */
  get oldestSealed(): { readonly segment: SegmentInfo; readonly end: number } | undefined {
    const [segment, next] = this.#segments
    return segment === undefined || next === undefined ? undefined : { segment, end: next.continues }
  }

  /** What each of them holds, oldest first; `end` is where the log stands. */
  facts(end: number): readonly SegmentFacts[] {
    return this.#segments.map(({ base, bytes, createdAtMs }, i) => ({
      base,
      end: this.#segments[i + 1]?.continues ?? end,
      bytes,
      createdAtMs,
    }))
  }

  /** Records in all of them, those included that are damaged; `end` is where the log stands. */
  countRecords(end: number): number {
    return this.#segments.reduce((sum, { base }, index) => {
      const segmentEnd = this.#segments[index + 1]?.continues ?? end
      return sum + Math.max(0, segmentEnd - base)
    }, 0)
  }

  /** A new last segment; one of the same base held nothing, and is replaced. */
  add(segment: SegmentInfo): void {
    if (this.#segments.at(-1)?.base === segment.base) this.#bytes -= this.#segments.pop()?.bytes ?? 0
    this.#segments.push(segment)
    this.#bytes += segment.bytes
  }

  setBytes(base: number, bytes: number): void {
    const index = this.#segments.findLastIndex((segment) => segment.base === base)
    const segment = this.#segments[index]
    if (segment === undefined) return
    this.#bytes += bytes - segment.bytes
    this.#segments[index] = { ...segment, bytes }
  }

  removeOldest(): void {
    this.#bytes -= this.#segments.shift()?.bytes ?? 0
  }
}
