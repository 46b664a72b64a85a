import { expect, it } from 'vitest'
import { mergeEntries, readEntry, toLevel, traceOf } from './entry.ts'

const stream = { cluster: 'prd-a', service_name: 'x' }
const entry = (ns: string, line = 'hello', fields = {}): NonNullable<ReturnType<typeof readEntry>> => {
  const made = readEntry([ns, line, { structuredMetadata: fields }], stream)
  if (made === undefined) throw new Error('no entry')
  return made
}

it('reads an entry with what came with it', () => {
  expect(entry('1795275569899123456', 'hi', { detected_level: 'WARNING', trace_id: 'abc' })).toMatchObject({
    ms: 1795275569899,
    line: 'hi',
    level: 'warn',
    stream,
    fields: { trace_id: 'abc' },
  })
  expect(readEntry(['1', 2], stream)).toBeUndefined()
  expect(readEntry('no', stream)).toBeUndefined()
})

it('knows the trace that an entry names, and only ids', () => {
  const id = '4BF92F3577B34DA6A3CE929D0E0E4736'
  expect(traceOf(entry('1000000', 'x', { trace_id: id, span_id: 'AB' }))).toEqual({
    traceId: id.toLowerCase(),
    spanId: 'ab',
  })
  for (const line of [`trace_id=${id} done`, `{"traceId":"${id}"}`, `TraceID: ${id}`])
    expect(traceOf(entry('1000000', line))?.traceId).toBe(id.toLowerCase())
  for (const line of [`trace_id=${id}0`, `subtrace_id_of=${id}`, id])
    expect(traceOf(entry('1000000', line))).toBeUndefined()
  for (const text of ['', 'javascript:alert(1)', '../../x', id.slice(1)])
    expect(traceOf(entry('1000000', 'x', { trace_id: text }))).toBeUndefined()
})

it.each([
  ['Error', 'error'],
  ['notice', 'info'],
  ['CRITICAL', 'fatal'],
  ['dbg', 'unknown'],
])('%s is %s', (word, level) => expect(toLevel(word)).toBe(level))

it('puts lists together in order, each entry once', () => {
  const a = entry('1795275569899123456')
  const b = entry('1795275569899123457')
  const c = entry('1795275569899123455', 'other')
  expect(
    mergeEntries(
      [
        [a, c],
        [b, a],
      ],
      true,
    ),
  ).toEqual([b, a, c])
  expect(mergeEntries([[a], [b, c]], false)).toEqual([c, a, b])
})
