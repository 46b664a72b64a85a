import { createHash } from 'node:crypto'
import { RE2JS } from 're2js'
import type { RelabelRule } from './relabel-config.ts'

/** Labels while they are being rewritten. A label that is set to the empty text is gone. */
export type MutableLabels = Map<string, string>

/** Rewrites the labels in place; false if the rules drop what carries them. */
export type Relabeler = (labels: MutableLabels) => boolean

/** Compiles rules that `relabelRuleSchema` has accepted. They apply in order, each to the result of the one before. */
export function createRelabeler(rules: readonly RelabelRule[]): Relabeler {
  const steps = rules.map(compileRule)
  return (labels) => steps.every((step) => step(labels))
}

function compileRule(rule: RelabelRule): Relabeler {
  const { sourceLabels = [], separator = ';', targetLabel = '', modulus = 1 } = rule
  const source = (labels: MutableLabels): string => sourceLabels.map((name) => labels.get(name) ?? '').join(separator)
  const regex = RE2JS.compile(rule.regex ?? '(.*)', RE2JS.DOTALL)
  switch (rule.action) {
    case 'keep':
      return (labels) => regex.matches(source(labels))
    case 'drop':
      return (labels) => !regex.matches(source(labels))
    case 'keepequal':
      return (labels) => (labels.get(targetLabel) ?? '') === source(labels)
    case 'dropequal':
      return (labels) => (labels.get(targetLabel) ?? '') !== source(labels)
    case 'replace':
      return replaceRule(regex, source, targetLabel, rule.replacement ?? '$1')
    case 'hashmod':
      return (labels) => setLabel(labels, targetLabel, String(md5Sum64(source(labels)) % BigInt(modulus)))
    case 'lowercase':
      return (labels) =>
        setLabel(
          labels,
          targetLabel,
          mapCase(source(labels), (char) => char.toLowerCase()),
        )
    case 'uppercase':
      return (labels) =>
        setLabel(
          labels,
          targetLabel,
          mapCase(source(labels), (char) => char.toUpperCase()),
        )
    case 'labelmap':
      return mapRule(regex, rule.replacement ?? '$1')
    case 'labeldrop':
      return removeRule((name) => regex.matches(name))
    case 'labelkeep':
      return removeRule((name) => !regex.matches(name))
  }
}

function replaceRule(
  regex: RE2JS,
  source: (labels: MutableLabels) => string,
  targetTemplate: string,
  template: string,
): Relabeler {
  return (labels) => {
    const groups = matchGroups(regex, source(labels))
    if (groups === undefined) return true
    const target = expandTemplate(targetTemplate, groups)
    if (target !== '') setLabel(labels, target, expandTemplate(template, groups))
    return true
  }
}

function mapRule(regex: RE2JS, template: string): Relabeler {
  return (labels) => {
    for (const [name, value] of [...labels]) {
      const groups = matchGroups(regex, name)
      if (groups !== undefined) setLabel(labels, expandTemplate(template, groups), value)
    }
    return true
  }
}

function removeRule(isGone: (name: string) => boolean): Relabeler {
  return (labels) => {
    for (const name of [...labels.keys()]) if (isGone(name)) labels.delete(name)
    return true
  }
}

function setLabel(labels: MutableLabels, name: string, value: string): true {
  if (value === '') labels.delete(name)
  else labels.set(name, value)
  return true
}

type Groups = (nameOrNumber: string) => string

/** The groups of a match of the whole text; a group that does not exist or took no part is empty. */
function matchGroups(regex: RE2JS, text: string): Groups | undefined {
  const matcher = regex.matcher(text)
  if (!matcher.matches()) return undefined
  const named = matcher.getNamedGroups()
  return (group) => {
    if (!/^\d+$/.test(group)) return named[group] ?? ''
    const number = Number(group)
    return number > matcher.groupCount() ? '' : (matcher.group(number) ?? '')
  }
}

/**
 * `$name`, `${name}`, `$1`, `${1}` and `$$` as Go's regexp.Expand takes them: a name without braces is as long as it
 * can be, so `$1x` is the group called `1x`. A dollar that begins none of these stands for itself.
 */
function expandTemplate(template: string, groups: Groups): string {
  if (!template.includes('$')) return template
  return template.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
    const group = braced ?? bare
    return group === undefined ? '$' : groups(group)
  })
}

/** The last eight bytes of the MD5 sum, big-endian: Prometheus' hash for `hashmod`. It protects nothing. */
export function md5Sum64(text: string): bigint {
  return createHash('md5').update(text).digest().readBigUInt64BE(8)
}

/** Maps code point by code point and only where the result is one, as Go does: ß stays ß. */
function mapCase(text: string, map: (char: string) => string): string {
  return Array.from(text, (char) => {
    const mapped = map(char)
    return Array.from(mapped).length === 1 ? mapped : char
  }).join('')
}
