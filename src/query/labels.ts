import { type Labels, METRIC_NAME } from '../model/index.ts'

const NAME_END = '\u{10fffe}'
const VALUE_END = '\u{10ffff}'

/** The label's value, or '' when it is absent. A label may be called `constructor`, so never index directly. */
export function labelValue(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : ''
}

/** The names in byte order. */
export function sortedNames(labels: Labels): string[] {
  return Object.keys(labels).sort(compareText)
}

/** One text for one set of labels: equal sets have equal keys, whatever the order of their names. */
export function labelsKey(labels: Labels): string {
  let key = ''
  for (const name of Object.keys(labels).sort()) key += name + NAME_END + labelValue(labels, name) + VALUE_END
  return key
}

/** The key of only those labels. `names` must be sorted. */
export function keyOfLabels(labels: Labels, names: readonly string[]): string {
  let key = ''
  for (const name of names) {
    const value = labelValue(labels, name)
    if (value !== '') key += name + NAME_END + value + VALUE_END
  }
  return key
}

/** The key of all labels but those. */
export function keyWithoutLabels(labels: Labels, names: ReadonlySet<string>): string {
  let key = ''
  for (const name of Object.keys(labels).sort()) {
    if (!names.has(name)) key += name + NAME_END + labelValue(labels, name) + VALUE_END
  }
  return key
}

export function keepLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => names.has(name)))
}

export function dropLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !names.has(name)))
}

/** The labels that say which metric this is: an operation that makes another of it takes them away. */
export const METRIC_IDENTITY: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__'])

export function dropMetricIdentity(labels: Labels): Labels {
  for (const name of METRIC_IDENTITY) if (Object.hasOwn(labels, name)) return dropLabels(labels, METRIC_IDENTITY)
  return labels
}

/** With the label set, or removed when the value is empty. */
export function setLabel(labels: Labels, name: string, value: string): Labels {
  const entries = Object.entries(labels).filter(([other]) => other !== name)
  if (value !== '') entries.push([name, value])
  return Object.fromEntries(entries)
}

/** Prometheus' order of label sets: pair by pair in name order, the shorter first. */
export function compareLabels(a: Labels, b: Labels): number {
  const namesA = sortedNames(a)
  const namesB = sortedNames(b)
  const length = Math.min(namesA.length, namesB.length)
  for (let i = 0; i < length; i++) {
    const nameA = namesA[i] ?? ''
    const nameB = namesB[i] ?? ''
    const order = compareText(nameA, nameB) || compareText(labelValue(a, nameA), labelValue(b, nameB))
    if (order !== 0) return order
  }
  return namesA.length - namesB.length
}

/** Order by code points, which is the order of UTF-8 bytes; JavaScript's own `<` puts surrogates before U+E000. */
function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i)
    const unitB = b.charCodeAt(i)
    if (unitA !== unitB) return rank(unitA) - rank(unitB)
  }
  return a.length - b.length
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** `{__name__="a", b="c"}`, as Prometheus prints a set of labels. */
export function printLabels(labels: Labels): string {
  return `{${sortedNames(labels)
    .map((name) => `${printLabelName(name)}=${quoteText(labelValue(labels, name))}`)
    .join(', ')}}`
}

/** The name as it stands in a selector: quoted unless it is plain. */
export function printLabelName(name: string): string {
  return isPlainLabelName(name) ? name : quoteText(name)
}

/** Whether the name can stand unquoted in a selector. */
function isPlainLabelName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}

/** A text in double quotes, escaped as Go's `%q` does. */
export function quoteText(text: string): string {
  let quoted = '"'
  for (const character of text) quoted += ESCAPES[character] ?? quoteCharacter(character)
  return `${quoted}"`
}

function quoteCharacter(character: string): string {
  if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) return character
  const point = character.codePointAt(0) ?? 0
  // A byte that is no UTF-8: see `unquoteBytes`.
  if (point >= 0xdc80 && point <= 0xdcff) return `\\x${(point - 0xdc00).toString(16)}`
  if (point < 0x80) return `\\x${point.toString(16).padStart(2, '0')}`
  return point > 0xffff ? `\\U${point.toString(16).padStart(8, '0')}` : `\\u${point.toString(16).padStart(4, '0')}`
}
