import { RE2JS } from 're2js'
import { AppError, messageOf } from '../../core/index.ts'
import { CANONICAL_LABELS, type Identity, type Matcher, parseSelector } from '../../model/index.ts'

const SEVERITIES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What of the log goes to a destination, as the fleet file says it: all conditions must hold. */
export interface Where {
  readonly cluster?: readonly string[] | undefined
  readonly environment?: readonly string[] | undefined
  readonly tenant?: readonly string[] | undefined
  readonly attributes?: Readonly<Record<string, readonly string[]>> | undefined
  /** Selectors, of which one must match. */
  readonly match?: readonly string[] | undefined
  /** Of logs. */
  readonly minSeverity?: Severity | undefined
}

/** The value of an attribute, label or built-in name; '' if there is none. */
export type LookUp = (name: string) => string

/** A condition on single records or series, made ready to run. */
export interface RecordCondition {
  /** The names that it asks for. */
  readonly names: ReadonlySet<string>
  /** The lowest OTLP severity number that passes; 0 lets all pass. */
  readonly minSeverityNumber: number
  test(lookUp: LookUp): boolean
}

/** Whether anything of a sender can pass. */
export function compileSourceCondition({ cluster, environment, tenant }: Where): (identity: Identity) => boolean {
  const conditions = Object.entries({ cluster, environment, tenant } as const).flatMap(([part, names]) => {
    if (names === undefined) return []
    const wanted = new Set(names)
    return [(identity: Identity) => wanted.has(identity[part as 'cluster' | 'environment' | 'tenant'])]
  })
  return (identity) => conditions.every((holds) => holds(identity))
}

/** Undefined where every record passes. Throws AppError `invalid` for a selector that is none. */
export function compileRecordCondition(where: Where): RecordCondition | undefined {
  const required = Object.entries(where.attributes ?? {}).map(([name, values]) => ({ name, test: isOneOf(values) }))
  const alternatives = (where.match ?? []).map((text) => parseSelector(text).map(compileMatcher))
  const minSeverityNumber = where.minSeverity === undefined ? 0 : 1 + 4 * SEVERITIES.indexOf(where.minSeverity)
  if (required.length === 0 && alternatives.length === 0 && minSeverityNumber === 0) return undefined
  return {
    names: new Set([...required, ...alternatives.flat()].map(({ name }) => name)),
    minSeverityNumber,
    test: (lookUp) => {
      const holds = ({ name, test }: Named): boolean => test(lookUp(name))
      return required.every(holds) && (alternatives.length === 0 || alternatives.some((all) => all.every(holds)))
    },
  }
}

interface Named {
  readonly name: string
  readonly test: (value: string) => boolean
}

function isOneOf(values: readonly string[]): (value: string) => boolean {
  const wanted = new Set(values)
  return (value) => wanted.has(value)
}

/** As in Prometheus: an expression must match the whole value, and what is missing is the empty text. */
function compileMatcher({ name, operator, value: wanted }: Matcher): Named {
  if (operator === '=') return { name, test: (value) => value === wanted }
  if (operator === '!=') return { name, test: (value) => value !== wanted }
  try {
    const expression = RE2JS.compile(wanted, RE2JS.DOTALL)
    const negative = operator === '!~'
    return { name, test: (value) => expression.matches(value) !== negative }
  } catch (reason) {
    throw new AppError('invalid', `selector: ${messageOf(reason)}`, { cause: reason })
  }
}

/** The canonical labels are known from the envelope, whatever form the payload has; undefined for other names. */
export function identityValue(identity: Identity, name: string): string | undefined {
  const part = Object.hasOwn(CANONICAL_LABELS, name) ? CANONICAL_LABELS[name] : undefined
  return part === undefined ? undefined : identity[part]
}
