import { type MetricsSeries, seriesKey } from './series.ts'

type Operator = '+' | '-' | '*' | '/'

/** The label that stands for a series without any. */
const NAME = '__name__'

/**
 * Arithmetic between series with equal labels; names do not count as labels, and a series without labels goes with
 * every other. A value that is not there counts as 0, a division by 0 has none.
 */
export function combineSeries(
  operator: Operator,
  left: readonly MetricsSeries[],
  right: readonly MetricsSeries[],
): MetricsSeries[] {
  const [lefts, rights] = [byLabels(left), byLabels(right)]
  const name = nameOf(operator, left, right)
  const target = rights.has(NO_LABELS) ? lefts : rights
  return [...target.keys()].flatMap((key) => {
    const a = lefts.get(key) ?? lefts.get(NO_LABELS)
    const b = rights.get(key) ?? rights.get(NO_LABELS)
    if (a === undefined || b === undefined) return []
    const labels = a.labels.length > 0 ? a.labels : b.labels
    return [
      {
        labels: name === undefined ? labels : [{ name: NAME, value: { type: 'string', value: name } }, ...labels],
        values: a.values.map((value, i) => calculate(operator, zeroOfNaN(value), zeroOfNaN(b.values[i] ?? NaN))),
        exemplars: [...a.exemplars, ...b.exemplars],
      },
    ]
  })
}

const NO_LABELS = seriesKey([])

function byLabels(series: readonly MetricsSeries[]): Map<string, MetricsSeries> {
  return new Map(
    series.map((one) => {
      const labels = one.labels.filter(({ name }) => name !== NAME)
      return [seriesKey(labels), { ...one, labels }]
    }),
  )
}

function nameOf(
  operator: Operator,
  left: readonly MetricsSeries[],
  right: readonly MetricsSeries[],
): string | undefined {
  const [a, b] = [left, right].map((side) => {
    const value = side[0]?.labels.find(({ name }) => name === NAME)?.value
    return value?.type === 'string' ? value.value : undefined
  })
  return a === undefined || b === undefined ? undefined : `(${a} ${operator} ${b})`
}

function zeroOfNaN(value: number): number {
  return Number.isNaN(value) ? 0 : value
}

function calculate(operator: Operator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return b === 0 ? NaN : a / b
  }
}
