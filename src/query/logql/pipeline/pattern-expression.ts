import { AppError } from '../../../core/index.ts'

/** A piece of text, or something between two of them; a capture without a name is only passed over. */
export type PatternNode =
  | { readonly t: 'text'; readonly text: string }
  | { readonly t: 'capture'; readonly name: string }

const CAPTURE = /<([A-Za-z_][A-Za-z0-9_]*)>/g

/** The name of a capture that is only passed over. */
const UNNAMED = '_'

/** Reads `<ip> - <_> "<method> <path>"`. Throws AppError `invalid` where two captures touch. */
function parsePattern(expression: string): readonly PatternNode[] {
  const nodes: PatternNode[] = []
  let at = 0
  for (const match of expression.matchAll(CAPTURE)) {
    if (match.index > at) nodes.push({ t: 'text', text: expression.slice(at, match.index) })
    const last = nodes.at(-1)
    const name = match[1] ?? ''
    if (last?.t === 'capture') {
      throw new AppError('invalid', `found consecutive capture '<${last.name}><${name}>': invalid expression`)
    }
    nodes.push({ t: 'capture', name })
    at = match.index + match[0].length
  }
  if (at < expression.length) nodes.push({ t: 'text', text: expression.slice(at) })
  return nodes
}

/** The pattern of the parser: it must have a capture with a name, and none twice. */
export function parseParserPattern(expression: string): readonly PatternNode[] {
  const nodes = parsePattern(expression)
  const names = nodes.flatMap((node) => (node.t === 'capture' && node.name !== UNNAMED ? [node.name] : []))
  if (names.length === 0) throw new AppError('invalid', 'at least one capture is required')
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new AppError('invalid', `duplicate capture name (${twice}): invalid expression`)
  return nodes
}

/** The pattern of a line filter: its captures have no names. */
export function parseFilterPattern(expression: string): readonly PatternNode[] {
  const nodes = parsePattern(expression)
  for (const node of nodes) {
    if (node.t !== 'capture' || node.name === UNNAMED) continue
    throw new AppError('invalid', `named captures are not allowed: found '<${node.name}>'`)
  }
  return nodes
}

/** Calls back with what each named capture took, as far as the pattern goes along with the line. */
export function capture(
  nodes: readonly PatternNode[],
  line: string,
  found: (name: string, text: string) => void,
): void {
  if (line === '') return
  let at = 0
  let i = 0
  const [first] = nodes
  if (first?.t === 'text') {
    if (!line.startsWith(first.text)) return
    at = first.text.length
    i = 1
  }
  for (; i < nodes.length; i += 2) {
    const node = nodes[i]
    const next = nodes[i + 1]
    if (node?.t !== 'capture') return
    const end = next?.t === 'text' ? line.indexOf(next.text, at) : -1
    if (node.name !== UNNAMED) found(node.name, line.slice(at, end < 0 ? undefined : end))
    if (end < 0) return
    at = end + (next?.t === 'text' ? next.text.length : 0)
  }
}

/** Whether the whole line is as the pattern says; what a capture passes over is not empty. */
export function matchesPattern(nodes: readonly PatternNode[], line: string): boolean {
  if (line === '' || nodes.length === 0) return line === '' && nodes.length === 0
  let at = 0
  for (const [i, node] of nodes.entries()) {
    if (node.t !== 'text') continue
    const found = line.indexOf(node.text, at)
    if (found < 0 || (i > 0 && found === at) || (i === 0 && found > 0)) return false
    at = found + node.text.length
  }
  return nodes.at(-1)?.t === 'capture' ? at !== line.length : at === line.length
}
