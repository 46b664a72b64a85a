import type { Matcher } from '../../model/index.ts'
import { formatFloatFixed } from '../go-float.ts'
import { printLabelName, quoteText } from '../labels.ts'
import { formatByteSize, formatGoDuration, parseByteSize } from '../quantities.ts'
import type { Extraction, LabelFilter, LineFilter, Stage, Unwrap } from './ast.ts'

/** The streams that are selected: `{app="x", cluster=~"dev-.*"}`. */
export function printMatchers(matchers: readonly Matcher[]): string {
  return `{${matchers.map(printMatcher).join(', ')}}`
}

function printMatcher({ name, operator, value }: Matcher): string {
  return printLabelName(name) + operator + quoteText(value)
}

/** A stage as it is written behind the one before it: `|= "x"`, `| json`. */
export function printStage(stage: Stage): string {
  return stage.kind === 'line-filter' ? printLineFilter(stage).join(' ') : `| ${printPipedStage(stage)}`
}

/** Texts of which none may be found stand in filters of their own, as Loki prints them. */
export function printLineFilter({ operator, terms }: LineFilter): string[] {
  const texts = terms.map(({ value, ip }) => (ip ? `ip(${quoteText(value)})` : quoteText(value)))
  if (operator.startsWith('!')) return texts.map((text) => `${operator} ${text}`)
  return [`${operator} ${texts.join(' or ')}`]
}

function printPipedStage(stage: Exclude<Stage, LineFilter>): string {
  switch (stage.kind) {
    case 'json':
      return ['json', printExtractions(stage.extractions)].filter(Boolean).join(' ')
    case 'logfmt': {
      const flags = [stage.strict ? '--strict' : '', stage.keepEmpty ? '--keep-empty' : '']
      return ['logfmt', ...flags, printExtractions(stage.extractions)].filter(Boolean).join(' ')
    }
    case 'pattern':
    case 'regexp':
      return `${stage.kind} ${quoteText(stage.value)}`
    case 'unpack':
    case 'decolorize':
      return stage.kind
    case 'label-filter':
      return printLabelFilter(stage.filter)
    case 'line-format':
      return `line_format ${quoteText(stage.template)}`
    case 'label-format': {
      const items = stage.items.map(({ name, t, value }) => `${name}=${t === 'rename' ? value : quoteText(value)}`)
      return `label_format ${items.join(',')}`
    }
    case 'drop':
    case 'keep': {
      const labels = stage.labels.map((choice) => (typeof choice === 'string' ? choice : printMatcher(choice)))
      return `${stage.kind} ${labels.join(',')}`
    }
  }
}

function printExtractions(extractions: readonly Extraction[]): string {
  return extractions.map(({ name, expression }) => `${name}=${quoteText(expression)}`).join(',')
}

function printLabelFilter(filter: LabelFilter): string {
  switch (filter.t) {
    case 'matcher':
      return printMatcher(filter.matcher)
    case 'ip':
      return `${filter.name}${filter.negated ? '!=' : '='}ip(${quoteText(filter.addresses)})`
    case 'number':
      return filter.name + filter.operator + formatFloatFixed(filter.value)
    case 'duration':
      return filter.name + filter.operator + formatGoDuration(filter.value)
    case 'bytes':
      return filter.name + filter.operator + printSize(filter.value)
    case 'and':
      return `( ${printLabelFilter(filter.left)} , ${printLabelFilter(filter.right)} )`
    case 'or':
      return `( ${printLabelFilter(filter.left)} or ${printLabelFilter(filter.right)} )`
  }
}

/** In the largest unit, unless that would say another number. */
function printSize(bytes: number): string {
  const short = formatByteSize(bytes)
  return parseByteSize(short) === bytes ? short : `${String(bytes)}B`
}

/** `| unwrap bytes(size) | size>0`, in its parts. */
export function printUnwrap({ label, conversion, filters }: Unwrap): string[] {
  const what = conversion === undefined ? label : `${conversion}(${label})`
  return [`| unwrap ${what}`, ...filters.map((filter) => `| ${printLabelFilter(filter)}`)]
}
