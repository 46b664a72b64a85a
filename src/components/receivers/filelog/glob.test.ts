import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileGlobs, findFiles, matchesAny } from './glob.ts'

describe('matchesAny', () => {
  const cases: readonly (readonly [glob: string, file: string, matches: boolean])[] = [
    ['/var/log/pods/*/*/*.log', '/var/log/pods/a_b_c/app/0.log', true],
    ['/var/log/pods/*/*/*.log', '/var/log/pods/a_b_c/app/0.log.20260101-000000', false],
    ['/var/log/pods/*/*/*.log', '/var/log/pods/a_b_c/0.log', false],
    ['/var/log/**/*.log', '/var/log/x.log', true],
    ['/var/log/**/*.log', '/var/log/a/b/c/x.log', true],
    ['/var/log/**', '/var/log/a/b', true],
    ['/var/log/**/b/**/x', '/var/log/a/b/c/d/x', true],
    ['/var/log/**/b/**/x', '/var/log/a/c/d/x', false],
    ['/a/?.log', '/a/b.log', true],
    ['/a/?.log', '/a/bc.log', false],
    ['/a/{b,c{d,e}}.log', '/a/ce.log', true],
    ['/a/{b,c{d,e}}.log', '/a/c.log', false],
    ['/{a,b}/{c,d}', '/b/c', true],
    ['/a/*', '/a/.hidden', false],
    ['/a/.*', '/a/.hidden', true],
    ['/a/x*y*z', '/a/x-y-y-z', true],
    ['/a/x*y*z', '/a/x-y-y', false],
    ['/a/[b].log', '/a/[b].log', true],
    ['/a/[b].log', '/a/b.log', false],
    ['/a/+(b)$', '/a/+(b)$', true],
  ]
  it.each(cases)('%s on %s: %s', (glob, file, matches) => {
    expect(matchesAny(compileGlobs([glob]), file)).toBe(matches)
  })

  it('takes no longer for a hostile pattern', () => {
    const startedAt = performance.now()
    expect(matchesAny(compileGlobs([`/${'*a'.repeat(100)}b`]), `/${'a'.repeat(5_000)}`)).toBe(false)
    expect(performance.now() - startedAt).toBeLessThan(500)
  })

  it('refuses an open brace and too many alternatives', () => {
    expect(() => compileGlobs(['/a/{b,c'])).toThrow('not closed')
    expect(() => compileGlobs([`/${'{a,b}'.repeat(9)}`])).toThrow('alternatives')
  })
})

describe('findFiles', () => {
  let dir: string

  beforeAll(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'glob-'))
    for (const file of ['pods/p1/app/0.log', 'pods/p1/app/0.log.1', 'pods/p2/side/3.log', 'other/deep/down/x.log']) {
      mkdirSync(path.dirname(path.join(dir, file)), { recursive: true })
      writeFileSync(path.join(dir, file), '')
    }
    symlinkSync(path.join(dir, 'other'), path.join(dir, 'linked'))
    symlinkSync(dir, path.join(dir, 'other/round'))
  })

  afterAll(() => {
    rmSync(dir, { recursive: true, force: true })
  })

  const cases: readonly (readonly [globs: readonly string[], found: readonly string[]])[] = [
    [['pods/*/*/*.log'], ['pods/p1/app/0.log', 'pods/p2/side/3.log']],
    [['pods/{p1,p3}/*/*.log'], ['pods/p1/app/0.log']],
    [['pods/p1/app/0.log', 'pods/p1/app/missing.log'], ['pods/p1/app/0.log']],
    [['linked/*/*/*.log'], ['linked/deep/down/x.log']],
    [['other/**/*.log', 'other/deep/**/x.log'], ['other/deep/down/x.log']],
    [['missing/*/*.log'], []],
  ]
  it.each(cases)('%s', async (globs, expected) => {
    const found = await findFiles(compileGlobs(globs.map((glob) => path.join(dir, glob))), (at, reason) => {
      throw new Error(`${at}: ${String(reason)}`)
    })
    expect([...found].sort()).toEqual(expected.map((file) => path.join(dir, file)))
  })
})
