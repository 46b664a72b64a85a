import { describe, expect, it } from 'vitest'
import { fuzz, FUZZ_TARGETS } from './testing/fuzz/index.ts'

/** The long form is `npm run fuzz`. */
const EXECUTIONS = 2_000

describe('decoders on changed input', () => {
  it.each(FUZZ_TARGETS.map((target) => [target.name, target] as const))('%s', (_, target) => {
    const report = fuzz(target, EXECUTIONS, 1)
    expect(report.failures.map(({ what, input }) => `${what}\n${Buffer.from(input).toString('base64')}`)).toEqual([])
    // Changes that are always refused, or never, find nothing.
    expect(report.accepted).toBeGreaterThan(EXECUTIONS / 200)
    expect(report.refused).toBeGreaterThan(EXECUTIONS / 200)
  })
})
