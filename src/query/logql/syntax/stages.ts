import {
  type Extraction,
  type LabelChoice,
  type LabelFormat,
  type LabelFormatItem,
  LINE_FILTER_OPERATORS,
  type LineFilter,
  type LineFilterTerm,
  type Range,
  type Stage,
} from '../ast.ts'
import { parseAddresses, parseComparison, parseLabelFilter } from './label-filter.ts'
import type { TokenStream } from './token-stream.ts'

/** Reads the stages of a pipeline as long as there are; whether `| unwrap` ends it the caller looks. */
export function parseStages(tokens: TokenStream): { readonly stages: Stage[]; readonly unwrapPipe?: Range } {
  const stages: Stage[] = []
  for (;;) {
    if (tokens.is(...LINE_FILTER_OPERATORS)) {
      stages.push(parseLineFilter(tokens))
      continue
    }
    if (!tokens.is('|')) return { stages }
    const pipe = tokens.take()
    if (tokens.is('unwrap')) return { stages, unwrapPipe: pipe }
    const { start } = pipe
    stages.push({ ...parseStage(tokens), start, end: tokens.lastEnd })
  }
}

/** Reads `|= "a" or ip("10.0.0.1")`. */
function parseLineFilter(tokens: TokenStream): LineFilter {
  const { start } = tokens.token
  const operator = LINE_FILTER_OPERATORS.find((kind) => tokens.is(kind)) ?? '|='
  tokens.take()
  const terms = [parseTerm(tokens)]
  while (tokens.is('or')) {
    tokens.take()
    terms.push(parseTerm(tokens))
  }
  return { kind: 'line-filter', start, end: tokens.lastEnd, operator, terms }
}

function parseTerm(tokens: TokenStream): LineFilterTerm {
  if (tokens.is('STRING')) return { value: tokens.expectText(), ip: false }
  if (tokens.accept('ip') === undefined) throw tokens.unexpected('STRING', 'ip')
  return { value: parseAddresses(tokens), ip: true }
}

type Unplaced<T> = T extends Range ? Omit<T, keyof Range> : never

function parseStage(tokens: TokenStream): Unplaced<Exclude<Stage, LineFilter>> {
  switch (tokens.token.kind) {
    case 'json':
      tokens.take()
      return { kind: 'json', extractions: parseExtractions(tokens) }
    case 'logfmt':
      return parseLogfmt(tokens)
    case 'regexp':
    case 'pattern': {
      const kind = tokens.take().kind === 'regexp' ? 'regexp' : 'pattern'
      return { kind, value: tokens.expectText() }
    }
    case 'unpack':
    case 'decolorize':
      return { kind: tokens.take().kind === 'unpack' ? 'unpack' : 'decolorize' }
    case 'line_format':
      tokens.take()
      return { kind: 'line-format', template: tokens.expectText() }
    case 'label_format':
      tokens.take()
      return parseLabelFormat(tokens)
    case 'drop':
    case 'keep':
      return { kind: tokens.take().kind === 'drop' ? 'drop' : 'keep', labels: parseChoices(tokens) }
    case 'IDENTIFIER':
    case '(':
      return { kind: 'label-filter', filter: parseLabelFilter(tokens) }
    default:
      throw tokens.unexpected()
  }
}

function parseLogfmt(tokens: TokenStream): Unplaced<Extract<Stage, { kind: 'logfmt' }>> {
  tokens.take()
  const flags: string[] = []
  while (tokens.is('FUNCTION_FLAG')) flags.push(tokens.take().text)
  const extractions = parseExtractions(tokens)
  return { kind: 'logfmt', strict: flags.includes('--strict'), keepEmpty: flags.includes('--keep-empty'), extractions }
}

function parseExtractions(tokens: TokenStream): Extraction[] {
  const extractions: Extraction[] = []
  if (!tokens.is('IDENTIFIER')) return extractions
  do {
    const name = tokens.expect('IDENTIFIER').text
    extractions.push({ name, expression: tokens.accept('=') === undefined ? name : tokens.expectText() })
  } while (tokens.accept(',') !== undefined)
  return extractions
}

function parseLabelFormat(tokens: TokenStream): Unplaced<LabelFormat> {
  const items: LabelFormatItem[] = []
  do {
    const name = tokens.expect('IDENTIFIER').text
    tokens.expect('=')
    if (tokens.is('STRING')) items.push({ name, t: 'template', value: tokens.expectText() })
    else items.push({ name, t: 'rename', value: tokens.expect('IDENTIFIER', 'STRING').text })
  } while (tokens.accept(',') !== undefined)
  return { kind: 'label-format', items }
}

const MATCH_OPERATORS = ['=', '!=', '=~', '!~']

function parseChoices(tokens: TokenStream): LabelChoice[] {
  const choices: LabelChoice[] = []
  do {
    const name = tokens.expect('IDENTIFIER').text
    if (!tokens.is(...MATCH_OPERATORS)) {
      choices.push(name)
      continue
    }
    const filter = parseComparison(tokens, name)
    if (filter.t === 'matcher') choices.push(filter.matcher)
  } while (tokens.accept(',') !== undefined)
  return choices
}
