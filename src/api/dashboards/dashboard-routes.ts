import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { DashboardList } from '../../contract/index.ts'
import { AppError } from '../../core/index.ts'
import type { Dashboard } from '../../dashboards/index.ts'
import { type ApiResponse, jsonResponse } from '../messages.ts'

export interface DashboardRouteOptions {
  /** Throws when the caller may read nothing. Dashboards hold queries, not data: whoever may read may have them. */
  readonly authorize: (request: FastifyRequest) => unknown
  readonly send: (reply: FastifyReply, response: ApiResponse) => Promise<FastifyReply>
}

/** `GET /api/v1/dashboards`: what there is; `GET /api/v1/dashboards/<uid>`: one, in Grafana's JSON. */
export function addDashboardRoutes(app: FastifyInstance, { authorize, send }: DashboardRouteOptions): void {
  app.get('/api/v1/dashboards', async (request, reply) => {
    authorize(request)
    return await send(reply, jsonResponse(JSON.stringify(listOf(await shipped()))))
  })
  app.get<{ Params: { uid: string } }>('/api/v1/dashboards/:uid', async (request, reply) => {
    authorize(request)
    const { uid } = request.params
    const dashboard = (await shipped()).find((candidate) => candidate.uid === uid)
    if (dashboard === undefined) throw new AppError('not_found', `there is no dashboard with the uid '${uid}'`)
    return await send(reply, jsonResponse(JSON.stringify(dashboard)))
  })
}

/** Loaded when somebody asks: a hub that nobody looks at does not pay for them. */
async function shipped(): Promise<readonly Dashboard[]> {
  const { SHIPPED_DASHBOARDS } = await import('../../dashboards/index.ts')
  return SHIPPED_DASHBOARDS
}

function listOf(dashboards: readonly Dashboard[]): DashboardList {
  return {
    dashboards: dashboards.map(({ uid = '', title = '', description = '', tags = [] }) => ({
      uid,
      title,
      description,
      tags,
    })),
  }
}
