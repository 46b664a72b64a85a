import { describe, expect, it } from 'vitest'
import { AppError } from '../core/index.ts'
import type { Identity } from '../model/index.ts'
import { createAccess, createWriteAccess, type WriteAccess, type WriteAccessConfig } from './index.ts'

const identity = (cluster: string, tenant: string): Identity => ({
  cluster,
  tenant,
  environment: tenant,
  region: 'r',
  clusterType: 'workload',
})
const FLEET = new Map([identity('dev-1', 'dev'), identity('dev-2', 'dev')].map((it) => [it.cluster, it]))
const secret = (name: string): { env: string } => {
  process.env[name] = `token-of-${name}`
  return { env: name }
}
const CONFIG: WriteAccessConfig = {
  writers: [
    { name: 'prom', token: secret('WRITE_PROM'), clusters: ['dev-1'] },
    { name: 'many', token: secret('WRITE_MANY'), clusters: ['dev-1', 'dev-2', 'gone'] },
    { name: 'old', token: secret('WRITE_OLD'), clusters: ['gone'] },
  ],
  teams: [{ name: 'sre', tenants: 'all', role: 'admin', tokens: [secret('READ_SRE')] }],
  lookup: (cluster) => FLEET.get(cluster),
}
const pair = (scheme: string, text: string): string => `${scheme} ${Buffer.from(text).toString('base64')}`

function outcome(access: WriteAccess, authorization: string | undefined): readonly string[] | string {
  try {
    return access.grant(authorization).map(({ cluster }) => cluster)
  } catch (reason) {
    return AppError.from(reason).code
  }
}

describe('a token → the clusters it writes for', () => {
  it.each<[string, string | undefined, readonly string[] | string]>([
    ['bearer', 'Bearer token-of-WRITE_PROM', ['dev-1']],
    ['the scheme in any case', 'bearer  token-of-WRITE_PROM ', ['dev-1']],
    ['several clusters, those that are there', 'Bearer token-of-WRITE_MANY', ['dev-1', 'dev-2']],
    ['basic', pair('Basic', 'prom:token-of-WRITE_PROM'), ['dev-1']],
    ['api key', pair('ApiKey', 'prom:token-of-WRITE_PROM'), ['dev-1']],
    ["another writer's name", pair('Basic', 'many:token-of-WRITE_PROM'), 'unauthenticated'],
    ['no name', pair('Basic', 'token-of-WRITE_PROM'), 'unauthenticated'],
    ['no clusters left', 'Bearer token-of-WRITE_OLD', 'forbidden'],
    ['a token for reading', 'Bearer token-of-READ_SRE', 'forbidden'],
    ['an unknown token', 'Bearer nope', 'unauthenticated'],
    ['the hash of a token', 'Bearer dG9rZW4', 'unauthenticated'],
    ['an empty token', 'Bearer ', 'unauthenticated'],
    ['another scheme', 'Digest x', 'unauthenticated'],
    ['nothing', undefined, 'unauthenticated'],
  ])('%s', async (_what, authorization, expected) => {
    expect(outcome(await createWriteAccess(CONFIG), authorization)).toEqual(expected)
  })

  it('a token for writing does not read', async () => {
    const access = await createAccess({ teams: CONFIG.teams })
    const read = (): unknown => access.authorize({ authorization: 'Bearer token-of-WRITE_PROM', scopeHeaders: [] })
    expect(read).toThrow(expect.objectContaining({ code: 'unauthenticated' }))
  })

  it.each([
    [
      'of another writer',
      { writers: [...CONFIG.writers, { name: 'twin', token: secret('WRITE_PROM'), clusters: [] }] },
    ],
    ['of a team', { writers: [{ name: 'twin', token: secret('READ_SRE'), clusters: ['dev-1'] }] }],
    ['that is not there', { writers: [{ name: 'none', token: { env: 'WRITE_NONE' }, clusters: ['dev-1'] }] }],
  ])('does not start with a token %s', async (_what, change) => {
    await expect(createWriteAccess({ ...CONFIG, ...change })).rejects.toMatchObject({ code: 'invalid' })
  })
})
