import { expect, it } from 'vitest'
import type { TraceSeries } from '../../data/tempo/client.ts'
import { answersQuery, readAnswers } from './answers.ts'

const of = (value: number, labels: Readonly<Record<string, string>>): TraceSeries => ({
  value,
  labels: new Map(
    Object.entries(labels).map(([key, text]) => [key, { text, literal: /^\d+$/.test(text) ? text : `"${text}"` }]),
  ),
})

it('counts by the codes of HTTP and gRPC, what failed first', () => {
  expect(answersQuery('{ } > { }')).toContain('{ } > { } | count_over_time() by (span.http.response.status_code')
  const answers = readAnswers([
    of(80, { 'span.http.response.status_code': '200', status: 'unset' }),
    of(5, { 'span.http.status_code': '200', status: 'ok' }),
    of(4, { 'span.http.response.status_code': '409', status: 'error' }),
    of(6, { 'span.http.response.status_code': '504', status: 'error' }),
    of(2, { 'span.rpc.grpc.status_code': '14', status: 'error' }),
    of(2, { 'span.rpc.grpc.status_code': '5', status: 'unset' }),
    of(1, { 'span.http.response.status_code': 'nil', status: 'error' }),
    of(0, { status: 'unset' }),
  ])
  expect(answers.map(({ words, outcome, count }) => [words, outcome, count])).toEqual([
    ['504', 'failed', 6],
    ['gRPC 14 unavailable', 'failed', 2],
    ['failed, no code', 'failed', 1],
    ['409', 'refused', 4],
    ['gRPC 5 not found', 'refused', 2],
    ['200', 'good', 85],
  ])
  expect(answers[0]?.share).toBeCloseTo(0.06)
  expect(answers[0]?.condition).toBe('span.http.response.status_code = 504')
  expect(answers[5]?.condition).toBe('(span.http.response.status_code = 200 || span.http.status_code = 200)')
  expect(answers[2]?.condition).toBeUndefined()
})
