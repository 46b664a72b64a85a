/** One line of the palette. */
export interface PaletteEntry {
  readonly group: string
  readonly words: string
  /** Quieter, beside the words; it is searched, too. */
  readonly detail?: string
  readonly icon: string
  readonly keys?: readonly string[]
  readonly run: () => void
}

const LIMIT = 40
const TRACE_ID = /^#?\s*([0-9a-f]{16}|[0-9a-f]{32})$/i

/**
 * The entries that hold every word typed, in their order: groups first, then those whose words begin with it. A prefix
 * narrows down: `>` to what can be done, `@` to clusters.
 */
export function choosePalette(entries: readonly PaletteEntry[], typed: string): readonly PaletteEntry[] {
  const prefix = typed.startsWith('>') ? 'Do' : typed.startsWith('@') ? 'Clusters' : undefined
  const words = (prefix === undefined ? typed : typed.slice(1)).toLowerCase().split(/\s+/).filter(Boolean)
  const found = entries.filter((entry) => {
    if (prefix !== undefined && entry.group !== prefix) return false
    const text = `${entry.words} ${entry.detail ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  return found.slice(0, LIMIT)
}

/** The id when what is typed is one of a trace. */
export function traceIdOf(typed: string): string | undefined {
  return TRACE_ID.exec(typed.trim())?.[1]?.toLowerCase()
}

/** Cuts a text into parts that match one of the words and parts that do not, for marking. */
export function markWords(
  text: string,
  typed: string,
): readonly { readonly text: string; readonly isMatch: boolean }[] {
  const words = typed
    .replace(/^[>@#]/, '')
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  if (words.length === 0) return [{ text, isMatch: false }]
  return text
    .split(new RegExp(`(${words.join('|')})`, 'i'))
    .map((part, index) => ({ text: part, isMatch: index % 2 === 1 }))
    .filter((part) => part.text !== '')
}
