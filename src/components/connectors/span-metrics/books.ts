import type { Identity } from '../../../model/index.ts'
import { SeriesBook } from './series-book.ts'

export interface BooksOptions {
  readonly bounds: readonly number[]
  readonly maxSeriesPerCluster: number
  /** The sequence of the log below which everything is in series that were written before; and by book, if more is. */
  readonly counted: number
  readonly countedBelow: ReadonlyMap<string, number>
}

/** A name for the book of an identity. */
export function bookKey({ tenant, cluster }: Identity): string {
  return `${tenant}/${cluster}`
}

/**
 * A book for each cluster, and for each cluster's calls from another tenant. Identities come from the fleet file, so
 * there are not many.
 */
export class Books {
  /** The sequence of the record that is being counted. */
  sequence = 0
  /** Where series begin that are new. */
  startMs = 0
  readonly #options: BooksOptions
  readonly #books = new Map<string, SeriesBook>()

  constructor(options: BooksOptions) {
    this.#options = options
  }

  of(identity: Identity): SeriesBook {
    const key = bookKey(identity)
    const known = this.#books.get(key)
    if (known !== undefined) return known
    const { bounds, maxSeriesPerCluster: maxSeries, counted, countedBelow } = this.#options
    const below = Math.max(counted, countedBelow.get(key) ?? 0)
    const book = new SeriesBook({ identity, bounds, maxSeries, countedBelow: below })
    this.#books.set(key, book)
    return book
  }

  /** Whether the present record is still to be counted in this book. */
  counts(book: SeriesBook): boolean {
    return this.sequence >= book.countedBelow
  }

  [Symbol.iterator](): Iterator<SeriesBook> {
    return this.#books.values()
  }
}
