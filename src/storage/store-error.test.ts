import { ClickHouseError } from '@clickhouse/client'
import { expect, it } from 'vitest'
import { toStoreError } from './store-error.ts'

it.each([
  // A block waits for these however long they last; `exhausted` is tried in pieces and set aside in the end.
  ['243', 'Cannot reserve 1.00 MiB, not enough space', 'unavailable'],
  ['252', 'Too many parts', 'unavailable'],
  ['241', 'Memory limit exceeded', 'exhausted'],
])('takes exception %s (%s) for %s', (code, message, meaning) => {
  const error = toStoreError(new ClickHouseError({ code, message }), 'insert', undefined)
  expect(error).toMatchObject({ code: meaning, retryable: true })
})
