import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../../access/index.ts'
import {
  DASHBOARD_UID,
  type DashboardChange,
  dashboardChangeSchema,
  type DashboardList,
  type DashboardSaved,
} from '../../contract/index.ts'
import { AppError } from '../../core/index.ts'
import type { Dashboard } from '../../dashboards/index.ts'
import { type ApiResponse, jsonResponse } from '../messages.ts'
import { refuseOtherPages } from '../same-origin.ts'
import { checkMayChange, mayChange, mayKeep, maySee } from './dashboard-rights.ts'
import type { DashboardStore, Kept } from './dashboard-store.ts'

export interface DashboardRouteOptions {
  /** Throws when the caller may read nothing. Those that come with the hub hold queries, not data: all readers have them. */
  readonly authorize: (request: FastifyRequest) => Principal
  readonly send: (reply: FastifyReply, response: ApiResponse) => Promise<FastifyReply>
  /** Where dashboards of the fleet's people are kept; absent: nowhere. */
  readonly store: DashboardStore | undefined
}

/** Somewhat more than what is kept at most, for the message to be ours. */
const BODY_BYTES = 3 * 1_024 * 1_024

interface ByUid {
  readonly Params: { readonly uid: string }
}

/**
 * `GET /api/v1/dashboards`: what there is; `GET /api/v1/dashboards/<uid>`: one, in Grafana's JSON. `PUT` keeps one, `DELETE`
 * (with `version` in the query) removes one: whoever saw an older version than the hub has gets `conflict`.
 */
export function addDashboardRoutes(app: FastifyInstance, { authorize, send, store }: DashboardRouteOptions): void {
  app.get('/api/v1/dashboards', async (request, reply) => {
    const principal = authorize(request)
    return await send(reply, jsonResponse(JSON.stringify(await listFor(principal, store))))
  })
  app.get<ByUid>('/api/v1/dashboards/:uid', async (request, reply) => {
    const principal = authorize(request)
    const { uid } = request.params
    const found = (await shipped()).find((candidate) => candidate.uid === uid) ?? (await keptFor(principal, uid, store))
    if (found === undefined) throw new AppError('not_found', `there is no dashboard with the uid '${uid}'`)
    return await send(reply, jsonResponse(JSON.stringify(found)))
  })
  if (store !== undefined) addChangeRoutes(app, { authorize, send, store })
}

function addChangeRoutes(
  app: FastifyInstance,
  { authorize, send, store }: DashboardRouteOptions & { readonly store: DashboardStore },
): void {
  void app.register((bodies, _options, done) => {
    // Only here: everywhere else a body of this type means nothing.
    bodies.addContentTypeParser(
      'application/json',
      { parseAs: 'string', bodyLimit: BODY_BYTES },
      (_r, body, parsed) => {
        parsed(null, body)
      },
    )
    bodies.put<ByUid>('/api/v1/dashboards/:uid', async (request, reply) => {
      const principal = authorize(request)
      refuseOtherPages(request)
      const { uid } = request.params
      const { dashboard, version } = readChange(request.body)
      await checkUid(uid)
      let saved: DashboardSaved = { uid, version: 1 }
      await store.update(uid, (current) => {
        checkMayChange(principal, uid, current)
        checkVersion(uid, current, version)
        saved = { uid, version: (current?.version ?? 0) + 1 }
        return {
          ...saved,
          updatedAtMs: Date.now(),
          team: principal.team,
          tenants: current?.tenants ?? tenantsOf(principal),
          dashboard: withoutIdentity(dashboard),
        }
      })
      return await send(reply, jsonResponse(JSON.stringify(saved)))
    })
    bodies.delete<ByUid>('/api/v1/dashboards/:uid', async (request, reply) => {
      const principal = authorize(request)
      refuseOtherPages(request)
      const { uid } = request.params
      const version = Number(new URLSearchParams(request.url.split('?', 2)[1] ?? '').get('version') ?? Number.NaN)
      await store.update(uid, (current) => {
        if (current === undefined || !maySee(principal, current)) {
          throw new AppError('not_found', `there is no dashboard with the uid '${uid}' that could be removed`)
        }
        checkMayChange(principal, uid, current)
        checkVersion(uid, current, version)
        return undefined
      })
      return await send(reply, jsonResponse(JSON.stringify({ uid })))
    })
    done()
  })
}

/** Loaded when somebody asks: a hub that nobody looks at does not pay for them. */
async function shipped(): Promise<readonly Dashboard[]> {
  const { SHIPPED_DASHBOARDS } = await import('../../dashboards/index.ts')
  return SHIPPED_DASHBOARDS
}

async function keptFor(principal: Principal, uid: string, store: DashboardStore | undefined): Promise<unknown> {
  const kept = await store?.get(uid)
  return kept === undefined || !maySee(principal, kept)
    ? undefined
    : { ...kept.dashboard, uid: kept.uid, version: kept.version }
}

async function listFor(principal: Principal, store: DashboardStore | undefined): Promise<DashboardList> {
  const ours = (await shipped()).map(({ uid = '', title = '', description = '', tags = [] }) => ({
    uid,
    title,
    description,
    tags,
  }))
  const theirs = ((await store?.all()) ?? []).filter((kept) => maySee(principal, kept))
  return {
    dashboards: [...ours, ...theirs.map((kept) => entryOf(kept, principal))],
    mayKeep: store !== undefined && mayKeep(principal),
  }
}

function entryOf(kept: Kept, principal: Principal): DashboardList['dashboards'][number] {
  const { uid, version, updatedAtMs, team, tenants, dashboard } = kept
  const { title, description, tags } = dashboard
  return {
    uid,
    title: typeof title === 'string' ? title : uid,
    description: typeof description === 'string' ? description : '',
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    kept: { version, updatedAtMs, team, tenants, mayEdit: mayChange(principal, kept) },
  }
}

function readChange(body: unknown): DashboardChange {
  if (typeof body !== 'string') throw new AppError('invalid', 'send JSON, with Content-Type: application/json')
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch (reason) {
    throw AppError.from(reason, 'invalid', 'the body is not JSON')
  }
  const { data, error } = dashboardChangeSchema.safeParse(json)
  if (data === undefined) {
    const [issue] = error.issues
    throw new AppError('invalid', `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'is wrong'}`)
  }
  return data
}

async function checkUid(uid: string): Promise<void> {
  if (!DASHBOARD_UID.test(uid)) {
    throw new AppError('invalid', 'a uid has letters, digits, - and _, 64 of them at most')
  }
  if ((await shipped()).some((dashboard) => dashboard.uid === uid)) {
    throw new AppError('conflict', `'${uid}' comes with Fleetglass and cannot be changed: save it as a copy`)
  }
}

function checkVersion(uid: string, current: Kept | undefined, seen: number | undefined): void {
  if (current?.version === seen) return
  const message =
    current === undefined
      ? `the dashboard '${uid}' is gone: it was removed since`
      : `the dashboard '${uid}' is of version ${String(current.version)} by now (${current.team} saved it): load it again`
  throw new AppError('conflict', message)
}

function tenantsOf({ scope: { tenants } }: Principal): Kept['tenants'] {
  return tenants === 'all' ? 'all' : [...tenants]
}

/** Where it is kept says what it is; another Grafana's number for it means nothing here. */
const IDENTITY: ReadonlySet<string> = new Set(['uid', 'version', 'id'])

function withoutIdentity(dashboard: DashboardChange['dashboard']): Kept['dashboard'] {
  return Object.fromEntries(Object.entries(dashboard).filter(([key]) => !IDENTITY.has(key)))
}
