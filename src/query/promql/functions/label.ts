import { AppError } from '../../../core/index.ts'
import { type Labels, METRIC_NAME } from '../../../model/index.ts'
import { labelValue, quoteText, setLabel } from '../../labels.ts'
import { compileRegexp, type Regexp, type RegexpGroups } from '../../regexp.ts'
import { evaluationError } from '../errors.ts'
import { isValidText } from '../syntax/index.ts'
import { mergeSameLabels, type StepSeries, type Value } from '../values.ts'
import { type FunctionCall, type PromqlFunction, stringArg, vectorArg } from './function.ts'

function labelReplace({ args, context }: FunctionCall): Value {
  const [target, template, source] = [stringArg(args, 1), stringArg(args, 2), stringArg(args, 3)]
  const regexp = compile(stringArg(args, 4))
  checkTarget('label_replace', target)
  return relabel(vectorArg(args, 0).series, target, context.grid.count, (labels) => {
    const groups = regexp.groups(labelValue(labels, source))
    return groups === undefined ? undefined : expandTemplate(template, groups)
  })
}

function labelJoin({ args, context }: FunctionCall): Value {
  const target = stringArg(args, 1)
  const separator = stringArg(args, 2)
  const sources = args.slice(3).map((_, i) => stringArg(args, i + 3))
  checkTarget('label_join', target)
  const invalid = sources.find((name) => name === '' || !isValidText(name))
  if (invalid !== undefined) throw evaluationError(`invalid source label name in label_join(): ${quoteText(invalid)}`)
  return relabel(vectorArg(args, 0).series, target, context.grid.count, (labels) =>
    sources.map((name) => labelValue(labels, name)).join(separator),
  )
}

function checkTarget(name: string, target: string): void {
  if (target !== '' && isValidText(target)) return
  throw evaluationError(`invalid destination label name in ${name}(): ${quoteText(target)}`)
}

/** Sets one label of each row; undefined leaves the row as it is. */
function relabel(
  series: readonly StepSeries[],
  target: string,
  count: number,
  valueOf: (labels: Labels) => string | undefined,
): Value {
  const rows = series.map((row) => {
    const value = valueOf(row.labels)
    if (value === undefined) return row
    // Who names the metric anew wants to keep that name.
    const dropName = target === METRIC_NAME ? false : row.dropName
    return { ...row, labels: setLabel(row.labels, target, value), dropName }
  })
  return { type: 'vector', series: mergeSameLabels(rows, count) }
}

function compile(expression: string): Regexp {
  try {
    return compileRegexp(expression, { dotMatchesNewline: true })
  } catch (reason) {
    throw evaluationError(`invalid regular expression in label_replace(): ${AppError.from(reason).message}`)
  }
}

/** Go's template of a replacement: `$1`, `${1}`, `$name`, `${name}`, `$$`; unknown groups are empty. */
function expandTemplate(template: string, groups: RegexpGroups): string {
  return template.replace(/\$(?:(\$)|\{(\w+)\}|(\w+))/g, (_, dollar?: string, braced?: string, bare?: string) => {
    if (dollar !== undefined) return '$'
    const name = braced ?? bare ?? ''
    return /^\d+$/.test(name) ? groups.byNumber(Number(name)) : groups.byName(name)
  })
}

export const labelFunctions: Readonly<Record<string, PromqlFunction>> = {
  label_replace: {
    args: ['vector', 'string', 'string', 'string', 'string'],
    variadic: 0,
    returns: 'vector',
    evaluate: labelReplace,
  },
  label_join: { args: ['vector', 'string', 'string', 'string'], variadic: -1, returns: 'vector', evaluate: labelJoin },
}
