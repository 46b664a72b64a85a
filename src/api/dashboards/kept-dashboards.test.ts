import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createAccess } from '../../access/index.ts'
import { dashboardListSchema, dashboardSavedSchema } from '../../contract/index.ts'
import { createTestHub } from '../testing/test-hub.ts'
import { createDashboardStore } from './dashboard-store.ts'

type Method = 'GET' | 'PUT' | 'DELETE'

/** A hub with teams that may do different things, over a folder of dashboards. */
async function hub(dir?: string) {
  const folder = dir ?? (await mkdtemp(join(tmpdir(), 'dashboards-')))
  const token = async (name: string): Promise<{ file: string }> => {
    await writeFile(join(folder, `${name}.token`), `token-${name}`)
    return { file: join(folder, `${name}.token`) }
  }
  const team = async (name: string, tenants: 'all' | string[], role: 'viewer' | 'editor' | 'admin') => ({
    name,
    tenants,
    role,
    tokens: [await token(name)],
  })
  const access = await createAccess({
    teams: [
      await team('sre', 'all', 'admin'),
      await team('dev', ['dev'], 'editor'),
      await team('prd', ['prd'], 'editor'),
      await team('reader', ['dev'], 'viewer'),
      { ...(await team('part', ['dev'], 'editor')), clusters: ['dev-1'] },
    ],
  })
  const { app } = await createTestHub({ access, dashboards: createDashboardStore(folder) })
  const call = async (as: string, method: Method, path = '', body?: unknown, more: Record<string, string> = {}) =>
    await app.inject({
      method,
      url: `/api/v1/dashboards${path}`,
      headers: {
        authorization: `Bearer token-${as}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...more,
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
  return { folder, call }
}

const DASHBOARD = { title: 'Queues', tags: ['a'], panels: [{ id: 1, title: 'P', unknownField: { kept: true } }], id: 7 }

describe('dashboards that are kept', () => {
  it('are shared, change by version, and survive a restart with what we do not know in them', async () => {
    const { folder, call } = await hub()
    const first = await call('sre', 'PUT', '/queues', { dashboard: DASHBOARD })
    expect(dashboardSavedSchema.parse(first.json())).toEqual({ uid: 'queues', version: 1 })
    const second = await call('sre', 'PUT', '/queues', { dashboard: { ...DASHBOARD, title: 'More' }, version: 1 })
    expect(second.json()).toEqual({ uid: 'queues', version: 2 })
    const late = await call('sre', 'PUT', '/queues', { dashboard: DASHBOARD, version: 1 })
    expect(late.statusCode).toBe(409)
    expect(late.body).toContain('version 2')
    expect((await call('sre', 'PUT', '/queues', { dashboard: DASHBOARD })).statusCode).toBe(409)

    const again = await hub(folder)
    const read = await again.call('reader', 'GET', '/queues')
    expect(read.json()).toMatchObject({ uid: 'queues', version: 2, title: 'More', panels: DASHBOARD.panels })
    const list = dashboardListSchema.parse((await again.call('reader', 'GET')).json())
    expect(list.mayKeep).toBe(false)
    expect(list.dashboards.find(({ uid }) => uid === 'queues')?.kept).toMatchObject({ team: 'sre', mayEdit: false })
    expect(list.dashboards.filter(({ kept }) => kept === undefined).length).toBeGreaterThanOrEqual(15)

    expect((await again.call('sre', 'DELETE', '/queues?version=1')).statusCode).toBe(409)
    expect((await again.call('sre', 'DELETE', '/queues?version=2')).statusCode).toBe(200)
    expect((await again.call('sre', 'GET', '/queues')).statusCode).toBe(404)
    expect((await readdir(folder)).filter((name) => name.startsWith('queues'))).toEqual([])
  })

  it('belong to the tenants of who made them', async () => {
    const { call } = await hub()
    expect((await call('dev', 'PUT', '/ours', { dashboard: DASHBOARD })).statusCode).toBe(200)
    expect((await call('reader', 'GET', '/ours')).statusCode).toBe(200)
    expect((await call('prd', 'GET', '/ours')).statusCode).toBe(404)
    expect((await call('prd', 'GET')).body).not.toContain('"ours"')
    expect((await call('prd', 'PUT', '/ours', { dashboard: DASHBOARD, version: 1 })).statusCode).toBe(409)
    expect((await call('prd', 'DELETE', '/ours?version=1')).statusCode).toBe(404)
    for (const as of ['reader', 'part']) {
      expect((await call(as, 'PUT', '/mine', { dashboard: DASHBOARD })).statusCode, as).toBe(403)
      expect((await call(as, 'DELETE', '/ours?version=1')).statusCode, as).toBe(403)
    }
    // Changed by somebody of all tenants, it stays its tenant's.
    expect((await call('sre', 'PUT', '/ours', { dashboard: DASHBOARD, version: 1 })).statusCode).toBe(200)
    expect((await call('prd', 'GET', '/ours')).statusCode).toBe(404)
    expect((await call('sre', 'PUT', '/fleet', { dashboard: DASHBOARD })).statusCode).toBe(200)
    expect((await call('dev', 'PUT', '/fleet', { dashboard: DASHBOARD, version: 1 })).statusCode).toBe(403)
  })

  it('are refused with a reason', async () => {
    const { call } = await hub()
    const put = async (uid: string, body: unknown) => await call('sre', 'PUT', `/${uid}`, body)
    expect((await put('fleetglass-hub', { dashboard: DASHBOARD })).body).toContain('save it as a copy')
    expect((await put('a.b', { dashboard: DASHBOARD })).statusCode).toBe(400)
    expect((await put('..%2fetc', { dashboard: DASHBOARD })).statusCode).toBe(400)
    expect((await put('x', { dashboard: { panels: [] } })).body).toContain('dashboard.title')
    expect((await put('x', [])).statusCode).toBe(400)
    expect((await put('x', { dashboard: { title: 'x', text: 'y'.repeat(2_200_000) } })).statusCode).toBe(413)
    expect((await put('x', { dashboard: { title: 'x', text: 'y'.repeat(3_200_000) } })).statusCode).toBe(413)
    expect((await put('x', { dashboard: DASHBOARD, version: 3 })).statusCode).toBe(409)
    const elsewhere = await call('sre', 'PUT', '/x', { dashboard: DASHBOARD }, { origin: 'https://evil.example' })
    expect(elsewhere.statusCode).toBe(403)
    expect((await call('nobody', 'PUT', '/x', { dashboard: DASHBOARD })).statusCode).toBe(401)
  })

  it('saved at once by two: one of them hears of it', async () => {
    const { call } = await hub()
    const answers = await Promise.all(
      [1, 2, 3].map(async () => await call('sre', 'PUT', '/x', { dashboard: DASHBOARD })),
    )
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409, 409])
  })

  it('have a limit of numbers', async () => {
    const store = createDashboardStore(await mkdtemp(join(tmpdir(), 'dashboards-')))
    const kept = { version: 1, updatedAtMs: 0, team: 'a', tenants: 'all' as const, dashboard: {} }
    for (let at = 0; at < 500; at++) await store.update(`d${String(at)}`, () => ({ ...kept, uid: `d${String(at)}` }))
    await expect(store.update('more', () => ({ ...kept, uid: 'more' }))).rejects.toMatchObject({ code: 'exhausted' })
    await store.update('d3', () => undefined)
    await store.update('more', () => ({ ...kept, uid: 'more' }))
    expect(await store.all()).toHaveLength(500)
  })
})
