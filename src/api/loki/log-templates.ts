/** Takes the place of what differs from line to line. */
const GAP = '<_>'

export interface Template {
  readonly tokens: string[]
  /** How many lines, by the number that they were added under. */
  readonly counts: Map<number, number>
}

/** Of one group of lines: more kinds of lines than this are not told apart. */
const MAX_TEMPLATES = 200
const MAX_TOKENS = 100
const MAX_LINE = 3_000
/** Lines are of one kind if this share of their words is the same. */
const SIMILARITY = 0.5

/**
 * Finds what kinds of lines there are, in the manner of Drain: lines with as many words that begin alike are compared
 * word by word; where most are the same they are of one kind, and what differs becomes a gap. Bounded whatever comes.
 */
export class LogTemplates {
  readonly #leaves = new Map<string, Template[]>()
  #size = 0

  add(line: string, under: number): void {
    const tokens = tokenize(line)
    if (tokens === undefined) return
    const key = `${String(tokens.length)} ${tokens[0] ?? ''}`
    const leaf = this.#leaves.get(key) ?? []
    const found = mostSimilar(leaf, tokens)
    if (found !== undefined) {
      merge(found.tokens, tokens)
      found.counts.set(under, (found.counts.get(under) ?? 0) + 1)
      return
    }
    if (this.#size >= MAX_TEMPLATES) return
    this.#size += 1
    leaf.push({ tokens: [...tokens], counts: new Map([[under, 1]]) })
    this.#leaves.set(key, leaf)
  }

  get templates(): readonly Template[] {
    return [...this.#leaves.values()].flat()
  }
}

/** A template as text, with one gap where several stand side by side. */
export function renderTemplate(tokens: readonly string[]): string {
  return tokens.join('').replace(/(?:<_>){2,}/g, GAP)
}

/** Words and what stands between them; a word with a digit is a gap from the beginning. */
function tokenize(line: string): readonly string[] | undefined {
  if (line === '' || line.length > MAX_LINE) return undefined
  const tokens = line.match(/[\p{L}\p{N}_.-]+|[^\p{L}\p{N}_.-]/gu)
  if (tokens === null || tokens.length > 4 * MAX_TOKENS) return undefined
  return tokens.map((token) => (/\p{N}/u.test(token) ? GAP : token))
}

function mostSimilar(templates: readonly Template[], tokens: readonly string[]): Template | undefined {
  let best: Template | undefined
  let bestShare = SIMILARITY
  for (const template of templates) {
    let same = 0
    let words = 0
    template.tokens.forEach((token, i) => {
      const isWord = token === GAP || /^[\p{L}_.-]/u.test(token) || /^[\p{L}_.-]/u.test(tokens[i] ?? '')
      if (!isWord && token === tokens[i]) return
      words += 1
      if (token === tokens[i] || token === GAP) same += 1
    })
    const share = words === 0 ? 1 : same / words
    if (share > bestShare) {
      best = template
      bestShare = share
    }
  }
  return best
}

function merge(template: string[], tokens: readonly string[]): void {
  tokens.forEach((token, i) => {
    if (template[i] !== token) template[i] = GAP
  })
}
