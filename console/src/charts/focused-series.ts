/** Which series the pointer is next to, told to whom it concerns without anything being rendered again. */
export class FocusedSeries {
  readonly #listeners = new Set<(id: string | undefined) => void>()
  #id: string | undefined

  set(id: string | undefined): void {
    if (id === this.#id) return
    this.#id = id
    for (const tell of this.#listeners) tell(id)
  }

  /** Until the returned function is called. */
  listen(tell: (id: string | undefined) => void): () => void {
    this.#listeners.add(tell)
    return () => this.#listeners.delete(tell)
  }
}
