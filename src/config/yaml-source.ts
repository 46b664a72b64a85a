import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { messageOf } from '../core/index.ts'
import { type ConfigProblem, renderPath } from './problems.ts'

/** A YAML text as a plain value, with what is wrong with the text itself and a way back from values to lines. */
export interface YamlSource {
  readonly value: unknown
  readonly problems: readonly ConfigProblem[]
  /** The line of the deepest part of the path that exists (a missing key is shown at what should contain it). */
  lineOf(path: readonly PropertyKey[]): number | undefined
}

/** Reads YAML 1.2 (core schema: `no` and `on` are text). Anchors and aliases are followed, merge keys are not. */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter()
  // Duplicate keys are found by the walk below, which knows their path; the parser would know only the place.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false })
  const lineAt = (node: Node | undefined): number | undefined =>
    node?.range === undefined || node.range === null ? undefined : lines.linePos(node.range[0]).line
  const problems: ConfigProblem[] = document.errors.map((error) => ({
    path: '',
    line: lines.linePos(error.pos[0]).line,
    message: `no valid YAML: ${error.message}`,
  }))
  if (problems.length > 0) return { value: undefined, problems, lineOf: () => undefined }
  problems.push(...findTextProblems(document, lineAt))
  return { ...toValue(document, problems), lineOf: (path) => lineAt(findNode(document, path)) }
}

/** Aliases can lead nowhere, multiply beyond any use, or back to themselves: none of that is a configuration. */
function toValue(document: Document, problems: ConfigProblem[]): Pick<YamlSource, 'value' | 'problems'> {
  try {
    const value: unknown = document.toJS()
    JSON.stringify(value)
    return { value, problems }
  } catch (reason) {
    return {
      value: undefined,
      problems: [...problems, { path: '', message: `cannot follow its aliases: ${messageOf(reason)}` }],
    }
  }
}

function findNode(document: Document, path: readonly PropertyKey[]): Node | undefined {
  let found: Node | undefined
  let node: unknown = document.contents
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part))
      if (pair === undefined) break
      found = pair.key as Node
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(part)]
      if (node === undefined) break
      found = node as Node
    } else break
  }
  return found ?? document.contents ?? undefined
}

type LineAt = (node: Node | undefined) => number | undefined

/**
 * `$(CLUSTER)` and `${CLUSTER}` are what templating leaves behind when it did not run: taken literally they would
 * become labels of a whole cluster. `${1}`, as relabelling uses it, is no such name.
 */
const UNEXPANDED = /\$\([A-Za-z_]\w*\)|\$\{[A-Za-z_]\w*\}/

function findTextProblems(document: Document, lineAt: LineAt): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const report = (path: readonly PropertyKey[], node: Node, message: string): void => {
    const line = lineAt(node)
    problems.push({ path: renderPath(path), ...(line === undefined ? {} : { line }), message })
  }
  const checkText = (path: readonly PropertyKey[], node: unknown): void => {
    if (!isScalar(node) || typeof node.value !== 'string') return
    const match = UNEXPANDED.exec(node.value)
    if (match !== null) report(path, node, `${match[0]} was not expanded: this file is read as it stands`)
  }
  const walk = (node: unknown, path: readonly PropertyKey[]): void => {
    checkText(path, node)
    if (isSeq(node)) for (const [i, item] of node.items.entries()) walk(item, [...path, i])
    if (!isMap(node)) return
    const firstLine = new Map<string, number | undefined>()
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue
      const name = String(key.value)
      const keyPath = [...path, name]
      if (firstLine.has(name)) report(keyPath, key, `stands here twice, first on line ${String(firstLine.get(name))}`)
      else firstLine.set(name, lineAt(key))
      checkText(keyPath, key)
      walk(value, keyPath)
    }
  }
  walk(document.contents, [])
  return problems
}
