import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createMemoryLogScriptStore, runLogqlScript } from '../logql-script/index.ts'

const folder = join(import.meta.dirname, '../logql-script/cases')
const { signal } = new AbortController()

describe('LogQL cases, over lines in memory', () => {
  it.each(readdirSync(folder))('%s', async (file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    const cases = await runLogqlScript(text, createMemoryLogScriptStore(), signal)
    expect(cases.length).toBeGreaterThan(0)
    expect(cases.filter(({ problem }) => problem !== '')).toEqual([])
  })
})
