import { AppError } from '../../../core/index.ts'
import { compileRegexp } from '../../regexp.ts'
import { PARSED } from './label-set.ts'
import { capture, parseParserPattern } from './pattern-expression.ts'
import { sanitizeLabelName } from './sanitize.ts'
import type { FieldNeeds, LineState, StageFunction } from './stage.ts'

/** `| pattern "<ip> <_>"`: what stands between the texts of the pattern. */
export function createPatternStage(expression: string, needs: FieldNeeds): StageFunction {
  const nodes = compilePattern(expression)
  if (needs.none) return () => true
  return (state) => {
    capture(nodes, state.line, (name, text) => {
      addField(state, name, text, needs)
    })
    return true
  }
}

/** The pattern of the parser. Throws AppError `invalid` in Loki's words. */
function compilePattern(expression: string): ReturnType<typeof parseParserPattern> {
  try {
    return parseParserPattern(expression)
  } catch (reason) {
    throw new AppError('invalid', `invalid pattern parser: ${AppError.from(reason).message}`, { cause: reason })
  }
}

/** `| regexp "(?P<name>…)"`: the named groups of the first part of the line that matches. */
export function createRegexpStage(expression: string, needs: FieldNeeds): StageFunction {
  const { regexp, names } = compileParserRegexp(expression)
  if (needs.none) return () => true
  const fields = names.map(([name, index]) => ({ name: sanitizeLabelName(name, true), index }))
  return (state) => {
    const match = regexp.find(state.line)
    if (match === undefined) return true
    for (const { name, index } of fields) addField(state, name, match.groups[index] ?? '', needs)
    return true
  }
}

/** The expression of the parser with its groups that have names. Throws AppError `invalid` in Loki's words. */
function compileParserRegexp(expression: string): {
  readonly regexp: ReturnType<typeof compileRegexp>
  readonly names: readonly (readonly [name: string, index: number])[]
} {
  try {
    const regexp = compileRegexp(expression, { dotMatchesNewline: false })
    const names = Object.entries(regexp.names).sort(([, a], [, b]) => a - b)
    if (names.length === 0) throw new AppError('invalid', 'at least one named capture must be supplied')
    return { regexp, names }
  } catch (reason) {
    const { message } = AppError.from(reason)
    const twice = /^error parsing regexp: duplicate capture group name:? `?.*?<?(\w+)>?`?$/.exec(message)?.[1]
    const problem = twice === undefined ? message : `duplicate extracted label name '${twice}'`
    throw new AppError('invalid', `invalid regexp parser: ${problem}`, { cause: reason })
  }
}

function addField({ labels }: LineState, field: string, text: string, needs: FieldNeeds): void {
  const name = labels.fieldName(field)
  if (needs.names?.has(name) === false || labels.isParsed(name)) return
  labels.set(PARSED, name, text)
}
