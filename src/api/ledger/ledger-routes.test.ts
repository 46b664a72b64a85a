import { beforeEach, describe, expect, it } from 'vitest'
import { deadLettersSchema, ledgerSchema } from '../../contract/index.ts'
import { AppError } from '../../core/index.ts'
import type { Scope } from '../../model/index.ts'
import { createTestHub } from '../testing/test-hub.ts'
import type { LetterSelection } from './ledger-routes.ts'

describe('the ledger and the dead letters, over HTTP', () => {
  const asked: Scope[] = []
  const acted: [string, LetterSelection][] = []
  let hub: Awaited<ReturnType<typeof createTestHub>>
  beforeEach(async () => {
    asked.length = 0
    acted.length = 0
    hub = await createTestHub({
      ledger: (scope) => {
        asked.push(scope)
        return Promise.resolve({ nowMs: 1, current: true, balanced: true, clusters: [] })
      },
      deadLetters: {
        list: (scope) => {
          asked.push(scope)
          return Promise.resolve({ letters: [], total: 0, damaged: 0 })
        },
        replay: (selection) => {
          acted.push(['replay', selection])
          if (selection.id === 'none') throw new AppError('not_found', 'there is no such dead letter')
          return Promise.resolve(2)
        },
        discard: (selection) => {
          acted.push(['discard', selection])
          return Promise.resolve(1)
        },
      },
    })
  })
  const as = (token: string): { authorization: string } => ({ authorization: `Bearer token-${token}` })

  it('are answered for the scope of who asks', async () => {
    for (const url of ['/api/v1/ledger', '/api/v1/dead-letters']) {
      expect((await hub.app.inject({ url, headers: as('dev') })).statusCode).toBe(200)
      expect((await hub.app.inject({ url, headers: as('wrong') })).statusCode).toBe(401)
    }
    expect(asked).toEqual([{ tenants: ['dev'] }, { tenants: ['dev'] }])
    const ledger = await hub.app.inject({ url: '/api/v1/ledger', headers: as('dev') })
    expect(ledgerSchema.parse(ledger.json()).balanced).toBe(true)
    const letters = await hub.app.inject({ url: '/api/v1/dead-letters', headers: as('dev') })
    expect(deadLettersSchema.parse(letters.json()).total).toBe(0)
  })

  it('are moved by admins of the whole fleet only, and by no page of another address', async () => {
    const post = async (url: string, headers: Record<string, string>): Promise<number> =>
      (await hub.app.inject({ method: 'POST', url: `/api/v1/dead-letters/${url}`, headers })).statusCode
    expect(await post('replay?all=true', as('dev'))).toBe(403)
    expect(await post('discard?all=true', {})).toBe(401)
    expect(await post('discard?all=true', { ...as('all'), 'x-scope-orgid': 'dev' })).toBe(403)
    expect(await post('replay?all=true', { ...as('all'), origin: 'http://elsewhere.example' })).toBe(403)
    expect(acted).toEqual([])
    expect(await post('replay?all=true', as('all'))).toBe(200)
    expect(await post('discard?consumer=store&id=x-1', as('all'))).toBe(200)
    expect(await post('replay?consumer=store&id=none', as('all'))).toBe(404)
    expect(await post('replay?id=x', as('all'))).toBe(400)
    expect(await post('discard', as('all'))).toBe(400)
    expect(acted).toEqual([
      ['replay', {}],
      ['discard', { consumer: 'store', id: 'x-1' }],
      ['replay', { consumer: 'store', id: 'none' }],
    ])
  })
})
