import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../core/index.ts'
import type { Scope } from '../model/index.ts'
import { type Access, type AccessTeam, createAccess, type Credentials } from './index.ts'

let teams: { sre: AccessTeam; dev: AccessTeam; two: AccessTeam }
let closed: Access
let open: Access

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'access-'))
  const token = async (name: string): Promise<{ file: string }> => {
    const file = join(folder, name)
    await writeFile(file, `token-of-${name}\n`)
    return { file }
  }
  teams = {
    sre: { name: 'sre', tenants: 'all', role: 'admin', tokens: [await token('sre')] },
    dev: { name: 'dev', tenants: ['dev'], clusters: ['dev-1'], role: 'viewer', tokens: [await token('dev')] },
    two: { name: 'two', tenants: ['dev', 'stg'], role: 'viewer', tokens: [await token('two'), await token('two-b')] },
  }
  closed = await createAccess({ teams: Object.values(teams) })
  open = await createAccess({ teams: Object.values(teams), anonymous: teams.sre, hostNames: ['Hub.example.com'] })
})

const bearer = (name: string, ...scopeHeaders: string[]): Credentials => ({
  authorization: `Bearer token-of-${name}`,
  scopeHeaders,
  host: 'anything.example',
})

function outcome(access: Access, credentials: Credentials): Scope | string {
  try {
    return access.authorize(credentials).scope
  } catch (reason) {
    return AppError.from(reason).code
  }
}

describe('credentials → scope', () => {
  const cases: [string, Credentials, Scope | string][] = [
    ['all tenants', bearer('sre'), { tenants: 'all' }],
    ['one tenant and cluster', bearer('dev'), { tenants: ['dev'], clusters: ['dev-1'] }],
    ['a second token of a team', bearer('two-b'), { tenants: ['dev', 'stg'] }],
    ['a choice among all', bearer('sre', 'prd'), { tenants: ['prd'] }],
    ['several, each once, in order', bearer('two', 'stg|dev|stg'), { tenants: ['dev', 'stg'] }],
    ['the clusters stay', bearer('dev', 'dev'), { tenants: ['dev'], clusters: ['dev-1'] }],
    ['a tenant that is not granted', bearer('dev', 'prd'), 'forbidden'],
    ['one of two not granted', bearer('two', 'dev|prd'), 'forbidden'],
    ['another case of letters', bearer('dev', 'Dev'), 'forbidden'],
    ['two headers', bearer('sre', 'dev', 'dev'), 'invalid'],
    ['an empty header', bearer('sre', ''), 'invalid'],
    ['an empty part', bearer('sre', 'dev||stg'), 'invalid'],
    ['dots', bearer('sre', '..'), 'invalid'],
    ['escaped dots', bearer('sre', '%2e%2e'), 'invalid'],
    ['NUL', bearer('sre', 'dev\0'), 'invalid'],
    ['a slash', bearer('sre', 'dev/prd'), 'invalid'],
    ['150 bytes', bearer('sre', 'a'.repeat(150)), { tenants: ['a'.repeat(150)] }],
    ['151 bytes', bearer('sre', 'a'.repeat(151)), 'invalid'],
    ['a wrong token', { ...bearer('sre'), authorization: 'Bearer token-of-sr' }, 'unauthenticated'],
    ['another scheme', { ...bearer('sre'), authorization: 'Basic dG9rZW4=' }, 'unauthenticated'],
    ['an empty token', { ...bearer('sre'), authorization: 'Bearer ' }, 'unauthenticated'],
    ['nothing', { scopeHeaders: [], host: 'localhost' }, 'unauthenticated'],
  ]
  it.each(cases)('%s', (_, credentials, expected) => {
    expect(outcome(closed, credentials)).toEqual(expected)
  })
})

describe('callers without credentials, where they are let in', () => {
  const cases: [string | undefined, Scope | string][] = [
    ['localhost', { tenants: 'all' }],
    ['localhost:8080', { tenants: 'all' }],
    ['LOCALHOST:8080', { tenants: 'all' }],
    ['127.0.0.1:8080', { tenants: 'all' }],
    ['127.1.2.3', { tenants: 'all' }],
    ['[::1]:8080', { tenants: 'all' }],
    ['hub.example.com:80', { tenants: 'all' }],
    ['evil.example.com', 'forbidden'],
    ['localhost.evil.example.com', 'forbidden'],
    ['127.evil.example.com', 'forbidden'],
    ['10.0.0.1', 'forbidden'],
    ['localhost:8080@evil', 'forbidden'],
    ['', 'forbidden'],
    [undefined, 'forbidden'],
  ]
  it.each(cases)('Host: %s', (host, expected) => {
    expect(outcome(open, { scopeHeaders: [], host })).toEqual(expected)
  })

  it('does not let a wrong token in as nobody', () => {
    const credentials = { authorization: 'Bearer nonsense', scopeHeaders: [], host: 'localhost' }
    expect(outcome(open, credentials)).toBe('unauthenticated')
  })

  it('lets a token in under any host name', () => {
    expect(outcome(open, bearer('dev'))).toEqual({ tenants: ['dev'], clusters: ['dev-1'] })
  })
})

it('refuses two teams with one token', async () => {
  const twin = { ...teams.dev, name: 'twin' }
  await expect(createAccess({ teams: [teams.dev, twin] })).rejects.toThrow(
    'the team dev and the team twin have the same token',
  )
})
