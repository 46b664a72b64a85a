import type { TailEntry } from '../tail-frame.ts'
import { type DroppedEntry, entryKey, renderFrame } from './tail-frame-text.ts'

/** Where frames go. */
export interface FrameSocket {
  /** Bytes that the other side has not taken yet. */
  readonly bufferedAmount: number
  send(text: string): void
  close(code: number, reason: string): void
}

/** A client with more than this unread gets nothing until it has caught up. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024
/** Of those that are told in a frame; the others are counted only. */
const MAX_TOLD = 1_000

/** One client of a tail. What it is too slow for is left out, counted and told. */
export class TailClient {
  readonly socket: FrameSocket
  readonly #countDropped: (entries: number) => void
  /** What it has from its history and must not get again; the history's end is long past after a while. */
  #shown: ReadonlySet<string>
  #dropped: DroppedEntry[] = []

  constructor(socket: FrameSocket, history: readonly TailEntry[], countDropped: (entries: number) => void) {
    this.socket = socket
    this.#shown = new Set(history.map(entryKey))
    this.#countDropped = countDropped
    if (history.length > 0) socket.send(renderFrame(history, []))
  }

  forgetHistory(): void {
    this.#shown = new Set()
  }

  /** `shared` is the frame of all entries, which clients without anything special have in common. */
  push(entries: readonly TailEntry[], shared: () => string): void {
    if (this.socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.#countDropped(entries.length)
      const room = MAX_TOLD - this.#dropped.length
      for (const { labels, ns } of entries.slice(0, Math.max(0, room))) this.#dropped.push({ labels, ns })
      return
    }
    const fresh = this.#shown.size === 0 ? entries : entries.filter((entry) => !this.#shown.has(entryKey(entry)))
    const isShared = fresh.length === entries.length && this.#dropped.length === 0
    if (fresh.length > 0 || this.#dropped.length > 0) {
      this.socket.send(isShared ? shared() : renderFrame(fresh, this.#dropped))
    }
    this.#dropped = []
  }
}
