import { describe, expect, it } from 'vitest'
import { fuzzEvaluator } from './testing/fuzz-eval.ts'

describe('the evaluator', () => {
  it('answers or refuses generated and broken queries, within its budget', async () => {
    const { answered, refused, findings } = await fuzzEvaluator({ executions: 400, seed: 5 })
    expect(findings).toEqual([])
    expect([answered > 50, refused > 50]).toEqual([true, true])
  }, 30_000)
})
