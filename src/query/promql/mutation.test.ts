import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sharedMaterial } from '../../core/testing/shared-material.ts'
import { problemsOf, runScript } from '../testing/promql-script.ts'
import { ARITHMETIC, COMPARISON } from './arithmetic.ts'
import type { ArithmeticOperator, ComparisonOperator } from './ast.ts'

/** A line for each operator that is broken below, and no other operator in it. */
const SCRIPT = `
load 1m
  a 7 7 7
  b 2 2 2

eval instant at 1m a + b
  {} 9

eval instant at 1m a - b
  {} 5

eval instant at 1m a * b
  {} 14

eval instant at 1m a / b
  {} 3.5

eval instant at 1m a % b
  {} 1

eval instant at 1m a ^ b
  {} 49

eval instant at 1m a > b
  a 7

eval instant at 1m a <= bool b
  {} 0

eval range from 0 to 2m step 1m a != bool b
  {} 1 1 1
`
const BROKEN_ARITHMETIC: readonly ArithmeticOperator[] = ['+', '-', '*', '/', '%', '^']
const BROKEN_COMPARISONS: readonly ComparisonOperator[] = ['>', '<=', '!=']
const folder = sharedMaterial('conformance/promql')

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a script notices a broken operator', () => {
  it('and none that is whole', async () => {
    expect(problemsOf(await runScript(SCRIPT))).toEqual([])
  })

  it.each(BROKEN_ARITHMETIC)('%s', async (operator) => {
    vi.spyOn(ARITHMETIC, operator).mockImplementation((left) => left + 0.5)
    const [first] = problemsOf(await runScript(SCRIPT))
    expect(first?.query).toBe(`a ${operator} b`)
  })

  it.each(BROKEN_COMPARISONS)('%s', async (operator) => {
    const whole = COMPARISON[operator]
    vi.spyOn(COMPARISON, operator).mockImplementation((left, right) => !whole(left, right))
    const [first] = problemsOf(await runScript(SCRIPT))
    expect(first?.query).toContain(`a ${operator}`)
  })

  it.skipIf(folder === undefined)("and so do Prometheus' own (skipped without shared/conformance)", async () => {
    vi.spyOn(ARITHMETIC, '-').mockImplementation((left, right) => right - left)
    const cases = await runScript(readFileSync(join(folder ?? '', 'operators.test'), 'utf8'))
    expect(problemsOf(cases).length).toBeGreaterThan(0)
  })
})
