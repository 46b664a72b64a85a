import { expect, it } from 'vitest'
import { NO_CONDITIONS, onlyErrors, readConditions, writeConditions } from './trace-builder.ts'

it('reads back what it wrote', () => {
  const conditions = { service: 'check"out', name: 'POST /x', isError: true, minDuration: '500ms', maxDuration: '2s' }
  expect(writeConditions(conditions)).toBe(
    '{ resource.service.name = "check\\"out" && name = "POST /x" && status = error && duration >= 500ms && duration <= 2s }',
  )
  expect(readConditions(writeConditions(conditions))).toEqual(conditions)
  expect(readConditions('{}')).toEqual(NO_CONDITIONS)
})

it('leaves other queries to the editor', () => {
  for (const query of ['{ a = 1 }', '{} | rate()', '{ name = "a" || name = "b" }', 'x'])
    expect(readConditions(query)).toBeUndefined()
})

it('leaves out what is no duration', () => {
  expect(writeConditions({ ...NO_CONDITIONS, minDuration: 'long' })).toBe('{}')
})

it('asks for failed spans where it can', () => {
  expect(onlyErrors('{}')).toBe('{ status = error }')
  expect(onlyErrors('{ name = "a" || name = "b" }')).toBeUndefined()
  expect(onlyErrors('{ name = "a" }')).toBe('{ (name = "a") && status = error }')
  expect(onlyErrors('{ status = ok }')).toBeUndefined()
})
