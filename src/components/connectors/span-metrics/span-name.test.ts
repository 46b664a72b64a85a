import { expect, it } from 'vitest'
import { withoutIds } from './span-name.ts'

it.each([
  ['GET /cart/8123', 'GET /cart/{id}'],
  ['GET /users/0b4e0e1c-1111-4abc-8def-0123456789ab/cart', 'GET /users/{id}/cart'],
  ['commit 9fceb02d0ae598e95dc970b74767f19372d61af8', 'commit {id}'],
  ['GET /v1/models', 'GET /v1/models'],
  ['http2.stream', 'http2.stream'],
  ['defaced effaced', 'defaced effaced'],
  ['job-2026-01-02', 'job-{id}-{id}-{id}'],
  ['SELECT orders', 'SELECT orders'],
])('%s is %s', (name, expected) => {
  expect(withoutIds(name)).toBe(expected)
})
