import { findZone, formatGoTime, type GoTime, isGoTime, parseGoTime, ZERO_TIME } from '../go-time.ts'
import { TemplateError } from '../template-error.ts'
import { expectString, expectTime, type Value } from '../values.ts'
import type { CallContext, TemplateFunction } from './function.ts'

const UNITS_NS: ReadonlyMap<number, bigint> = new Map([
  [5, 86_400_000_000_000n],
  [10, 1_000_000_000n],
  [13, 1_000_000n],
  [16, 1_000n],
  [19, 1n],
])

function unixToTime(text: string): GoTime {
  const unit = UNITS_NS.get(text.length)
  if (unit === undefined || !/^[+-]?\d+$/.test(text)) {
    throw new TemplateError(`error calling unixToTime: unable to parse time '${text}'`)
  }
  return { kind: 'time', ns: BigInt(text) * unit, zone: 'UTC' }
}

function epoch(unitNs: bigint): TemplateFunction {
  return {
    parameters: ['time'],
    call: ([value]) => {
      const { ns } = expectTime(value)
      const rest = ((ns % unitNs) + unitNs) % unitNs
      return ((ns - rest) / unitNs).toString()
    },
  }
}

/** What `date` is given: a time, or seconds since the epoch; anything else is now. */
function momentOf(value: Value, { now }: CallContext): GoTime {
  if (isGoTime(value)) return value
  return typeof value === 'bigint' ? { kind: 'time', ns: value * 1_000_000_000n, zone: 'UTC' } : now()
}

export const TIME_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  now: { parameters: [], call: (_, { now }) => now() },
  __timestamp__: { parameters: [], call: (_, { timeNs }) => ({ kind: 'time', ns: timeNs, zone: 'UTC' }) },
  date: {
    parameters: ['string', 'any'],
    call: ([layout, value], context) => formatGoTime(momentOf(value, context), expectString(layout)),
  },
  toDate: {
    parameters: ['string', 'string'],
    call: ([layout, text]) => parseGoTime(expectString(layout), expectString(text), 'UTC') ?? ZERO_TIME,
  },
  toDateInZone: {
    parameters: ['string', 'string', 'string'],
    call: ([layout, zone, text]) =>
      parseGoTime(expectString(layout), expectString(text), findZone(expectString(zone)) ?? 'UTC') ?? ZERO_TIME,
  },
  unixEpoch: epoch(1_000_000_000n),
  unixEpochMillis: epoch(1_000_000n),
  unixEpochNanos: epoch(1n),
  unixToTime: { parameters: ['string'], call: ([value]) => unixToTime(expectString(value)) },
}
