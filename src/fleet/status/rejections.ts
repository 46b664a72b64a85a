import type { Rejection } from '../../contract/index.ts'
import type { Signal } from '../../model/index.ts'
import { clip } from './words.ts'

/** What is known of rejected items beside how many they are. Nothing here holds telemetry: at most names. */
export interface RejectionAbout {
  readonly signal?: Signal
  /** Who took the items in or refused them: `otlp`, `remote-write`, `loki`, `elastic`, `store`. */
  readonly source?: string
  /** For people: the name of a metric or stream, a limit, the edge. */
  readonly detail?: string
}

const MAX_EXAMPLES = 20
const MAX_WORD = 64
const MAX_DETAIL = 200

/** The last rejections of one cluster, a line for each kind of them, so that one that repeats leaves room for others. */
export class Rejections {
  /** By what makes them alike; the one that was seen longest ago is first. */
  readonly #examples = new Map<string, Rejection>()

  add(atMs: number, reason: string, items: number, about: RejectionAbout = {}): void {
    const source = clip(about.source ?? 'unknown', MAX_WORD)
    const key = JSON.stringify([source, reason, about.signal])
    const before = this.#examples.get(key)
    this.#examples.delete(key)
    const detail = about.detail === undefined ? before?.detail : clip(about.detail, MAX_DETAIL)
    this.#examples.set(key, {
      atMs,
      source,
      ...(about.signal === undefined ? {} : { signal: about.signal }),
      reason: clip(reason, MAX_WORD),
      items: (before?.items ?? 0) + items,
      times: (before?.times ?? 0) + 1,
      ...(detail === undefined ? {} : { detail }),
    })
    if (this.#examples.size <= MAX_EXAMPLES) return
    for (const oldest of this.#examples.keys()) {
      this.#examples.delete(oldest)
      return
    }
  }

  /** Newest first. */
  read(): Rejection[] {
    return [...this.#examples.values()].reverse()
  }
}
