import { addMatcher } from '../../editors/selectors.ts'
import type { Finding } from './doctor.ts'

export interface RulesDiagnosis {
  readonly rules: number
  readonly findings: readonly Finding[]
  /** The file with every finding mended; everything else in it stays as it is written. */
  readonly mended: string
}

/** Selectors of rules name all clusters, for rules are evaluated over the fleet; what matters is that results keep the label. */
const MATCHER = 'cluster!=""'
const NAMED: ReadonlySet<string> = new Set(['cluster', 'source_cluster', 'server_cluster', 'client_cluster'])
const HEAD = /^(\s*)(?:-\s+)?(record|alert)\s*:\s*(.+?)\s*$/
const EXPR = /^(\s*(?:-\s+)?)expr\s*:\s*(.*)$/
const BLOCK = /^[|>][+-]?\d?\s*$/

/** Whether the text looks like a Prometheus rule file, or the resource of the operator that holds one. */
export function looksLikeRules(text: string): boolean {
  return /^\s*groups\s*:/m.test(text) && /^\s*(?:-\s+)?expr\s*:/m.test(text)
}

/**
 * Finds expressions of rules that say nothing of clusters: they mix all of them. An aggregation `by (…)` keeps the cluster as well.
 * The YAML is changed where expressions stand and nowhere else, so that comments and templates stay.
 */
export function examineRules(text: string): RulesDiagnosis {
  const lines = text.split('\n')
  const findings: Finding[] = []
  let name = ''
  let rules = 0
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const head = HEAD.exec(line)
    if (head !== null) name = head[3] ?? ''
    const expression = EXPR.exec(line)
    if (expression === null) continue
    rules += 1
    const [, indent = '', inline = ''] = expression
    const end = BLOCK.test(inline) ? blockEnd(lines, at + 1, indent.length) : at + 1
    const before = end > at + 1 ? lines.slice(at + 1, end).join('\n') : unquote(inline)
    const after = mendExpression(before)
    if (after === before) continue
    findings.push({ place: name === '' ? `rule ${rules}` : name, before: before.trim(), after: after.trim() })
    if (end > at + 1) lines.splice(at + 1, end - at - 1, ...after.split('\n'))
    else lines[at] = `${indent}expr: ${quoteLike(inline, after)}`
    name = ''
  }
  return { rules, findings, mended: lines.join('\n') }
}

function mendExpression(text: string): string {
  const matched = addMatcher(text, 'promql', {
    matcher: MATCHER,
    needs: ({ labels }) => !labels.some((label) => NAMED.has(label)),
  })
  if (matched === text) return text
  return matched.replaceAll(/\bby\s*\(([^)]*)\)/g, (whole, inside: string) => {
    const names = inside.split(',').map((one) => one.trim())
    if (names.some((one) => NAMED.has(one))) return whole
    return names.length === 1 && names[0] === '' ? 'by (cluster)' : `by (cluster, ${inside.trim()})`
  })
}

/** The lines of a block are deeper than their key, or empty. */
function blockEnd(lines: readonly string[], from: number, indent: number): number {
  let end = from
  while (end < lines.length) {
    const line = lines[end] ?? ''
    if (line.trim() !== '' && line.search(/\S/) <= indent) break
    end += 1
  }
  return end
}

function unquote(text: string): string {
  const trimmed = text.trim()
  if (/^'.*'$/.test(trimmed)) return trimmed.slice(1, -1).replaceAll("''", "'")
  if (/^".*"$/.test(trimmed)) return trimmed.slice(1, -1).replaceAll(/\\(["\\])/g, '$1')
  return trimmed
}

/** Quoted as it was; bare text that YAML would now read otherwise is quoted. */
function quoteLike(before: string, text: string): string {
  if (before.trim().startsWith("'")) return `'${text.replaceAll("'", "''")}'`
  if (before.trim().startsWith('"')) return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
  return /^[[{&*!|>%@`#,?-]|: | #/.test(text) ? `'${text.replaceAll("'", "''")}'` : text
}
