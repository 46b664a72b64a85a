import { AppError } from '../../../../core/index.ts'
import { compileRegexp, type Regexp } from '../../../regexp.ts'
import { TemplateError } from '../template-error.ts'
import { expectString, type Value } from '../values.ts'
import type { CallContext, TemplateFunction } from './function.ts'

const MAX_CACHED = 100

/** Expressions are compiled once: a template uses the same ones for each line. */
const compiled = new Map<string, Regexp>()

function regexpOf(name: string, expression: string): Regexp {
  const known = compiled.get(expression)
  if (known !== undefined) return known
  try {
    const regexp = compileRegexp(expression, { dotMatchesNewline: false })
    if (compiled.size >= MAX_CACHED) compiled.clear()
    compiled.set(expression, regexp)
    return regexp
  } catch (reason) {
    throw new TemplateError(`error calling ${name}: ${AppError.from(reason).message}`)
  }
}

/** All parts that match, from left to right; an empty one right behind another does not count. */
function* matches(regexp: Regexp, text: string): Generator<NonNullable<ReturnType<Regexp['find']>>> {
  let from = 0
  let last = -1
  while (from <= text.length) {
    const match = regexp.find(text, from)
    if (match === undefined) return
    if (match.end > match.start || match.start !== last) yield match
    last = match.end
    from = match.end > match.start ? match.end : match.end + ((text.codePointAt(match.end) ?? 0) > 0xffff ? 2 : 1)
  }
}

function replaceAll(name: string, args: readonly Value[], { spend }: CallContext, expand: boolean): string {
  const [expression = '', text = '', replacement = ''] = args.map(expectString)
  const regexp = regexpOf(name, expression)
  let result = ''
  let last = 0
  for (const { start, end, groups } of matches(regexp, text)) {
    const piece = expand ? expandGroups(replacement, regexp, groups) : replacement
    spend(piece.length)
    result += text.slice(last, start) + piece
    last = end
  }
  return result + text.slice(last)
}

/** Puts groups in for `$1`, `${1}`, `$name` and `${name}`; `$$` is a dollar. */
function expandGroups(template: string, { names }: Regexp, groups: readonly (string | undefined)[]): string {
  return template.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    if (whole === '$$') return '$'
    const name = braced ?? bare ?? ''
    const index = /^\d+$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? (names[name] ?? -1) : -1
    return groups[index] ?? ''
  })
}

export const EXPRESSION_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  regexReplaceAll: {
    parameters: ['string', 'string', 'string'],
    call: (args, context) => replaceAll('regexReplaceAll', args, context, true),
  },
  regexReplaceAllLiteral: {
    parameters: ['string', 'string', 'string'],
    call: (args, context) => replaceAll('regexReplaceAllLiteral', args, context, false),
  },
  count: {
    parameters: ['string', 'string'],
    call: ([expression, text]) => {
      return BigInt([...matches(regexpOf('count', expectString(expression)), expectString(text))].length)
    },
  },
}
