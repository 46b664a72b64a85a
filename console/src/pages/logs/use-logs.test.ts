import { expect, it } from 'vitest'
import { readEntry } from '../../data/loki/entry.ts'
import { addNs, appendPage } from './use-logs.ts'

const entry = (ns: string, line: string): NonNullable<ReturnType<typeof readEntry>> => {
  const made = readEntry([ns, line], { cluster: 'a' })
  if (made === undefined) throw new Error('no entry')
  return made
}

it('appends a page without what the seam has already', () => {
  const list = [entry('1795275569899000003', 'a'), entry('1795275569899000002', 'b')]
  const page = [entry('1795275569899000002', 'b'), entry('1795275569899000002', 'c'), entry('1795275569899000001', 'd')]
  expect(appendPage(list, page)).toBe(2)
  expect(list.map(({ line }) => line)).toEqual(['a', 'b', 'c', 'd'])
})

it('counts nanoseconds exactly', () => {
  expect(addNs('1795275569899999999', 1n)).toBe('1795275569900000000')
})
