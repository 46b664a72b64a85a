import type { InstantAnswer, RangeAnswer } from '../../data/prometheus/client.ts'
import { toCount, toDuration, toText } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'

/** What is worth knowing about an answer, as pairs of name and value. */
export function inspectFacts(
  query: string,
  answer: RangeAnswer | InstantAnswer,
): readonly (readonly [string, string])[] {
  const facts: (readonly [string, string])[] = [
    ['Asked', query],
    ['Took', toText(toDuration(answer.elapsedMs))],
    ['Size', toText(toQuantity(answer.bytes, 'decbytes'))],
  ]
  if ('series' in answer) {
    const points = answer.series.reduce((sum, { values }) => sum + values.filter((value) => value !== null).length, 0)
    facts.push(
      ['Series', toCount(answer.series.length)],
      ['Points', toCount(points)],
      ['Step', `${answer.grid.stepS} s`],
    )
  } else facts.push(['Rows', toCount(answer.rows.length)])
  return [...facts, ...statFacts(answer.stats)]
}

/** The numbers of Prometheus' `stats`, by their path. */
function statFacts(stats: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof stats === 'number') return [[path, String(stats)]]
  if (typeof stats !== 'object' || stats === null || Array.isArray(stats)) return []
  return Object.entries(stats).flatMap(([key, value]) => statFacts(value, path === '' ? key : `${path}.${key}`))
}
