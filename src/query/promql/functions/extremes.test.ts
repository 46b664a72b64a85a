import { expect, it } from 'vitest'
import { problemsOf, runScript } from '../../testing/promql-script.ts'

it('infinities are the least and the greatest even beside NaN', async () => {
  const script = `
load 1m
  a{k="i"} Inf
  a{k="m"} -Inf
  a{k="n"} NaN
  a{k="o"} 1

eval instant at 0 clamp_max(a, NaN)
  {k="i"} NaN
  {k="m"} -Inf
  {k="n"} NaN
  {k="o"} NaN

eval instant at 0 clamp_min(a, NaN)
  {k="i"} Inf
  {k="m"} NaN
  {k="n"} NaN
  {k="o"} NaN

eval instant at 0 clamp(a, NaN, 0)
  {k="i"} NaN
  {k="m"} NaN
  {k="n"} NaN
  {k="o"} NaN

eval instant at 0 clamp(a, NaN, Inf)
  {k="i"} Inf
  {k="m"} NaN
  {k="n"} NaN
  {k="o"} NaN

eval instant at 0 vector(min_of(NaN, -Inf))
  {} -Inf

eval instant at 0 vector(max_of(Inf, NaN))
  {} Inf
`
  expect(problemsOf(await runScript(script))).toEqual([])
})
