/** Random queries and traces over a few names and values, so that they have to do with one another. */

import type { Attributes, AttributeValue, Span } from '../../trace-source.ts'
import { spanOf } from '../../testing/memory-traces.ts'

export type Random = () => number

function pick<T>(random: Random, from: readonly T[]): T {
  const chosen = from[Math.floor(random() * from.length)]
  if (chosen === undefined) throw new Error('BUG: nothing to pick')
  return chosen
}

const ATTRIBUTES = [
  '.a',
  'span.a',
  'resource.a',
  '.b',
  'span.b',
  'resource.service.name',
  'event.a',
  'link.b',
  'instrumentation.a',
  '.service.name',
]
const PARENTS = ['parent.a', 'parent.span.b', 'parent.resource.a']
const VALUES = ['1', '2', '-1', '1.5', '2.0', '"x"', '"y"', '""', 'true', 'false', '1ns', '2ms']
const COMPARISONS = ['=', '!=', '>', '>=', '<', '<=']
const TYPED: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['name', ['=', '!=', '=~', '!~', '>'], ['"op-1"', '"op-2"', '"op-.*"', '"x|op-1"']],
  ['duration', COMPARISONS, ['1ms', '2ms', '5ms', '0.002s', '3000000']],
  ['status', ['=', '!='], ['ok', 'error', 'unset']],
  ['kind', ['=', '!='], ['server', 'client', 'unspecified']],
  ['statusMessage', ['=', '!=', '=~'], ['"bad"', '""', '"b.*"']],
  ['rootName', ['=', '=~', '!='], ['"op-1"', '"op-.*"', '"op-1|"']],
  ['rootServiceName', ['=', '!='], ['"s-1"', '"s-2"', '""']],
  ['traceDuration', COMPARISONS, ['5ms', '10ms']],
  ['childCount', COMPARISONS, ['0', '1', '2']],
  ['nestedSetParent', COMPARISONS, ['0', '-1', '1']],
  ['nestedSetLeft', COMPARISONS, ['0', '2', '3']],
  ['event:name', ['=', '!=', '=~'], ['"boom"', '"b.*"']],
  ['event:timeSinceStart', COMPARISONS, ['1ms', '2ms']],
  ['link:spanID', ['=', '!='], ['"0000000000000001"', '"0000000000000003"']],
  ['instrumentation:name', ['=', '!='], ['"lib"', '""']],
  ['span:parentID', ['=', '!='], ['""', '"0000000000000001"']],
]

/** A condition on one span, bracketed so that it stands anywhere. */
export function randomExpr(random: Random, depth: number): string {
  const roll = random()
  if (depth > 0 && roll < 0.35) {
    return `(${randomExpr(random, depth - 1)} ${pick(random, ['&&', '||'])} ${randomExpr(random, depth - 1)})`
  }
  if (depth > 0 && roll < 0.42) return `!(${randomExpr(random, depth - 1)})`
  if (roll < 0.62) {
    const [field, operators, values] = pick(random, TYPED)
    return `${field} ${pick(random, operators)} ${pick(random, values)}`
  }
  if (roll < 0.68) return `${pick(random, ATTRIBUTES)} ${pick(random, ['= nil', '!= nil'])}`
  if (roll < 0.72) return pick(random, ['parent = nil', 'parent != nil', 'true', '.a'])
  if (roll < 0.76) return `${pick(random, PARENTS)} ${pick(random, COMPARISONS)} ${pick(random, VALUES.slice(0, 5))}`
  if (roll < 0.8) return `${pick(random, ATTRIBUTES)} ${pick(random, COMPARISONS)} ${pick(random, ATTRIBUTES)}`
  if (roll < 0.84) return `${pick(random, ATTRIBUTES)} + 1 ${pick(random, COMPARISONS)} 2`
  if (roll < 0.9)
    return `${pick(random, ATTRIBUTES)} ${pick(random, ['=~', '!~'])} ${pick(random, ['"x"', '".*"', '"x|y"'])}`
  const value = pick(random, VALUES)
  const isBool = value === 'true' || value === 'false'
  return `${pick(random, ATTRIBUTES)} ${pick(random, isBool ? ['=', '!='] : COMPARISONS)} ${value}`
}

const STRUCTURE = ['>', '>>', '<', '<<', '~'].flatMap((operator) => [operator, `!${operator}`, `&${operator}`])

function randomSpanset(random: Random, depth: number): string {
  if (depth === 0 || random() < 0.5) return `{ ${randomExpr(random, 1)} }`
  const operator = pick(random, [...STRUCTURE, '&&', '||'])
  return `(${randomSpanset(random, depth - 1)} ${operator} ${randomSpanset(random, depth - 1)})`
}

const STAGES = [
  'count() > 1',
  'by(.a)',
  'by(name) | count() = 1',
  'avg(duration) > 2ms',
  'max(.a) >= 1',
  'coalesce()',
  'select(.b)',
  'sum(.a) + count() > 2',
]

/** A query for spansets. */
export function randomSearch(random: Random): string {
  if (random() < 0.4) return `{ ${randomExpr(random, 2)} }`
  if (random() < 0.1) return `({ ${randomExpr(random, 1)} } | count()) > ({ ${randomExpr(random, 1)} } | count())`
  const stages = Array.from({ length: Math.floor(random() * 3) }, () =>
    random() < 0.3 ? `{ ${randomExpr(random, 1)} }` : pick(random, STAGES),
  )
  return [randomSpanset(random, 2), ...stages].join(' | ')
}

const FUNCTIONS = [
  'rate()',
  'count_over_time()',
  'min_over_time(.a)',
  'max_over_time(duration)',
  'avg_over_time(.a)',
  'sum_over_time(span.b)',
  'quantile_over_time(duration, .5, .9)',
  'histogram_over_time(.a)',
  'histogram_over_time(duration)',
]
const GROUPS = [
  '',
  ' by (name)',
  ' by (.a)',
  ' by (resource.service.name, status)',
  ' by (span.b, kind)',
  ' by (event:name)',
  ' by (rootName)',
]

/** A metrics function over one filter. */
export function randomMetrics(random: Random, stage = ''): string {
  return `{ ${randomExpr(random, 1)} }${stage} | ${pick(random, FUNCTIONS)}${pick(random, GROUPS)}`
}

const PLAIN: readonly AttributeValue[] = [
  ...[1n, 2n, -1n].map((value) => ({ type: 'int', value }) as const),
  ...[1.5, 2, 0].map((value) => ({ type: 'double', value }) as const),
  ...['x', 'y', ''].map((value) => ({ type: 'string', value }) as const),
  ...[true, false].map((value) => ({ type: 'bool', value }) as const),
]
const RARE: readonly AttributeValue[] = [
  { type: 'json', value: '{"arrayValue":{"values":[{"stringValue":"x"},{"stringValue":"z"}]}}' },
  { type: 'json', value: '{"arrayValue":{"values":[{"intValue":"1"},{"intValue":"5"}]}}' },
  { type: 'json', value: '{"kvlistValue":{"values":[]}}' },
]

function randomAttributes(random: Random, rare: number): Attributes {
  const entries = ['a', 'b'].filter(() => random() < 0.5)
  return Object.fromEntries(entries.map((name) => [name, pick(random, random() < rare ? RARE : PLAIN)]))
}

const MS = 1_000_000n

/** Traces of up to six spans each, within ten seconds behind `startNs`; `rare` of the attributes are no plain values. */
export function randomTraces(random: Random, count: number, startNs: bigint, rare: number): Span[] {
  return Array.from({ length: count }, (_, trace) => {
    const size = 1 + Math.floor(random() * 6)
    const traceStart = startNs + BigInt(trace + 1) * 100n * MS
    return Array.from({ length: size }, (_, i) => {
      const spanStart = traceStart + BigInt(i) * MS
      const parent =
        i === 0 || random() < 0.1
          ? ''
          : (random() < 0.1 ? 99 : 1 + Math.floor(random() * i)).toString(16).padStart(16, '0')
      return spanOf({
        traceId: (trace + 1).toString(16).padStart(32, '0'),
        spanId: (i + 1).toString(16).padStart(16, '0'),
        parentSpanId: parent,
        name: pick(random, ['op-1', 'op-2', 'op-3']),
        kind: Math.floor(random() * 4),
        statusCode: Math.floor(random() * 3),
        statusMessage: pick(random, ['', 'bad']),
        startNs: spanStart,
        endNs: spanStart + BigInt(1 + Math.floor(random() * 6)) * MS,
        resource: {
          'service.name': { type: 'string', value: pick(random, ['s-1', 's-2']) },
          ...randomAttributes(random, rare),
        },
        attributes: randomAttributes(random, rare),
        scope: {
          name: pick(random, ['', 'lib']),
          version: '1',
          attributes: random() < 0.2 ? randomAttributes(random, rare) : {},
        },
        events:
          random() < 0.3
            ? [
                { timeNs: spanStart + MS, name: 'boom', attributes: randomAttributes(random, rare) },
                { timeNs: spanStart + 2n * MS, name: 'other', attributes: {} },
              ]
            : [],
        links:
          random() < 0.2
            ? [
                {
                  traceId: '1'.padStart(32, '0'),
                  spanId: '1'.padStart(16, '0'),
                  traceState: '',
                  attributes: randomAttributes(random, rare),
                },
              ]
            : [],
      })
    })
  }).flat()
}
