import { describe, expect, it } from 'vitest'
import {
  addFilter,
  filtersOf,
  isMetricQuery,
  lineFilterTexts,
  removeFilter,
  setValues,
  valuesOf,
} from './logql-edit.ts'

const query = '{environment="prd", service_name=~"a|b"} |= "x" | json | level != "trace"'

it('reads the conditions of a query', () => {
  expect(
    filtersOf(query).map(({ field, operator, value, isSelector }) => [field, operator, value, isSelector]),
  ).toEqual([
    ['environment', '=', 'prd', true],
    ['service_name', '=~', 'a|b', true],
    ['level', '!=', 'trace', false],
  ])
})

it('takes any of them away', () => {
  expect(filtersOf(query).map((filter) => removeFilter(query, filter))).toEqual([
    '{service_name=~"a|b"} |= "x" | json | level != "trace"',
    '{environment="prd"} |= "x" | json | level != "trace"',
    '{environment="prd", service_name=~"a|b"} |= "x" | json',
  ])
})

describe('addFilter', () => {
  it.each([
    ['{a="b"}', { field: 'c', operator: '=', value: 'd"e', isStream: true }, '{a="b", c="d\\"e"}'],
    ['{}', { field: 'c', operator: '=', value: 'd', isStream: true }, '{c="d"}'],
    ['{a="b"} |= "x"', { field: 'f', operator: '!=', value: 'v', isStream: false }, '{a="b"} |= "x" | f!="v"'],
    ['{a="b"}', { field: 'a', operator: '=', value: 'c', isStream: true }, '{a="c"}'],
    ['{a="b"} | f!="v"', { field: 'f', operator: '!=', value: 'v', isStream: false }, '{a="b"} | f!="v"'],
    [
      'sum(rate({a="b"} | json [5m]))',
      { field: 'f', operator: '=', value: 'v', isStream: false },
      'sum(rate({a="b"} | json | f="v" [5m]))',
    ],
  ] as const)('%s', (before, wanted, after) => expect(addFilter(before, wanted)).toBe(after))
})

it('sets the values of a label', () => {
  expect(setValues('{a="b"}', 'c', ['x'])).toBe('{a="b", c="x"}')
  expect(setValues('{a="b", c="x"}', 'c', ['x', 'y.z'])).toBe('{a="b", c=~"x|y\\\\.z"}')
  expect(valuesOf('{a="b", c=~"x|y\\\\.z"}', 'c')).toEqual(['x', 'y.z'])
  expect(setValues('{a="b", c=~"x|y"}', 'c', [])).toBe('{a="b"}')
})

it('knows what its lines are searched for', () => {
  expect(lineFilterTexts('{a="b"} |= "one" != "two" |~ "three" |= `four`')).toEqual(['one', 'four'])
})

it('tells numbers from lines', () => {
  expect(isMetricQuery('sum(count_over_time({a="b"}[5m]))')).toBe(true)
  expect(isMetricQuery('{a="b"} | json')).toBe(false)
})
