import { expect, it } from 'vitest'
import { resolveFormulas } from './formula.ts'

it.each([
  [
    ['up', 'A / 2'],
    ['up', '(up) / 2'],
  ],
  [
    ['sum(a)', 'sum(b)', 'B / A'],
    ['sum(a)', 'sum(b)', '(sum(b)) / (sum(a))'],
  ],
  [
    ['a', 'A + 1', 'B * 2'],
    ['a', '(a) + 1', '((a) + 1) * 2'],
  ],
  // A circle, a metric with matchers, a label, a text.
  [
    ['B', 'A'],
    ['(A)', '(B)'],
  ],
  [
    ['up', 'A{x="y"}'],
    ['up', 'A{x="y"}'],
  ],
  [
    ['up', 'sum by (A) (x{y="A"})'],
    ['up', 'sum by (A) (x{y="A"})'],
  ],
  [
    ['', 'A'],
    ['', 'A'],
  ],
])('%j', (queries, expected) => expect(resolveFormulas(queries)).toEqual(expected))
