import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createMemoryTraceStore, runTraceScript } from './index.ts'

const directory = path.join(import.meta.dirname, 'cases')
const { signal } = new AbortController()

describe('scripts in memory', () => {
  it.each(readdirSync(directory))('%s', async (file) => {
    const script = readFileSync(path.join(directory, file), 'utf8')
    const cases = await runTraceScript(script, createMemoryTraceStore(), signal)
    expect(cases.length).toBeGreaterThan(0)
    expect(cases.filter(({ problem }) => problem !== '')).toEqual([])
  })
})

describe('a script that is wrong', () => {
  const wrong: [string, string][] = [
    ['load\n  trace a\n    x y z 1s', '"z" is no duration'],
    ['load\n    x y 0s 1s', 'a span before any trace'],
    ['load\n  trace a\n    x y 0s 1s a', 'expected key=value'],
    ['load\n  trace a\n    x y 0s 1s .a=b', 'a text needs quotes'],
    ['metrics {}', 'expected metrics from'],
  ]
  it.each(wrong)('%j', async (script, message) => {
    await expect(runTraceScript(script, createMemoryTraceStore(), signal)).rejects.toThrow(message)
  })

  const failing: [string, string][] = [
    ['search {}\n  a: x', 'found nothing'],
    ['valid { name = nil }', 'intrinsics'],
    ['valid { .a }\n  { .b }', 'printed { .a }'],
    ['invalid { .a }', 'it is accepted'],
    ['invalid {\n  other', 'refused with'],
    ['metrics from 0s to 10s step 10s {} | rate()\n  {} 1', 'no series {} / unexpected'],
    ['metrics from 0s to 10s step 10s {}', 'not a metrics query'],
  ]
  it.each(failing)('%j fails', async (script, problem) => {
    const [one] = await runTraceScript(script, createMemoryTraceStore(), signal)
    expect(one?.problem).toContain(problem)
  })
})
