import { parseGoFloat } from '../../go-float.ts'
import { quoteText } from '../../labels.ts'
import { compileMatcher } from '../../matchers.ts'
import { parseByteSize, parseGoNanoseconds } from '../../quantities.ts'
import { COMPARISON } from '../arithmetic.ts'
import type { LabelFilter } from '../ast.ts'
import { compileAddresses } from './ip.ts'
import { ERROR_DETAILS_LABEL, ERROR_LABEL, type LabelSet } from './label-set.ts'
import type { StageFunction } from './stage.ts'

const FILTER_ERROR = 'LabelFilterErr'

export function createLabelFilter(filter: LabelFilter): StageFunction {
  const test = compileFilter(filter)
  return ({ labels }) => test(labels)
}

type Test = (labels: LabelSet) => boolean

function compileFilter(filter: LabelFilter): Test {
  switch (filter.t) {
    case 'and': {
      const [left, right] = [compileFilter(filter.left), compileFilter(filter.right)]
      return (labels) => {
        const holds = left(labels)
        return right(labels) && holds
      }
    }
    case 'or': {
      const [left, right] = [compileFilter(filter.left), compileFilter(filter.right)]
      return (labels) => left(labels) || right(labels)
    }
    case 'matcher': {
      const { name } = filter.matcher
      const test = compileMatcher(filter.matcher)
      if (name === ERROR_LABEL) return (labels) => test(labels.error)
      if (name === ERROR_DETAILS_LABEL) return (labels) => test(labels.errorDetails)
      return (labels) => test(labels.get(name) ?? '')
    }
    case 'ip': {
      const test = compileAddresses(filter.addresses)
      const { name, negated } = filter
      return (labels) => {
        if (labels.error !== '') return true
        const value = labels.get(name)
        return value !== undefined && test(value) !== negated
      }
    }
    case 'number':
    case 'duration':
    case 'bytes':
      return compileComparison(filter)
  }
}

/** What fails to be converted stays, with an error. */
function compileComparison(filter: Extract<LabelFilter, { t: 'number' | 'duration' | 'bytes' }>): Test {
  const { name, value: wanted, t } = filter
  const compare = COMPARISON[filter.operator]
  const convert = { number: parseGoFloat, duration: parseGoNanoseconds, bytes: parseByteSize }[t]
  return (labels) => {
    const text = labels.get(name)
    if (text === undefined) return false
    const value = convert(text)
    if (value !== undefined) return compare(value, wanted)
    if (labels.error === '') labels.fail(FILTER_ERROR, problemOf(t, text))
    return true
  }
}

/** What Go says of a text that is no number, no duration or no size. */
export function problemOf(type: 'number' | 'duration' | 'bytes', text: string): string {
  if (type === 'number') return `strconv.ParseFloat: parsing ${quoteText(text)}: invalid syntax`
  if (type === 'duration') return problemOfDuration(text)
  const { 0: digits = '' } = /^[\d.,]*/.exec(text) ?? []
  const number = digits.replaceAll(',', '')
  if (parseGoFloat(number) === undefined) return `strconv.ParseFloat: parsing ${quoteText(number)}: invalid syntax`
  return `unhandled size name: ${text.slice(digits.length).trim().toLowerCase()}`
}

function problemOfDuration(text: string): string {
  const { 1: unit } =
    /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*(?:\d+\.?\d*|\.\d+)([^\d.]*)/.exec(text) ?? []
  if (unit === '') return `time: missing unit in duration ${quoteText(text)}`
  if (unit !== undefined && !GO_UNITS.includes(unit)) {
    return `time: unknown unit ${quoteText(unit)} in duration ${quoteText(text)}`
  }
  return `time: invalid duration ${quoteText(text)}`
}

const GO_UNITS: readonly string[] = ['ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h']
