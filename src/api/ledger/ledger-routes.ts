import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../../access/index.ts'
import type { DeadLetters, Ledger } from '../../contract/index.ts'
import { AppError } from '../../core/index.ts'
import type { Scope } from '../../model/index.ts'
import { type ApiResponse, jsonResponse } from '../messages.ts'
import { refuseOtherPages } from '../same-origin.ts'

/** The hub's dead letters, for whoever may see or move them. */
export interface DeadLetterDesk {
  list(scope: Scope): Promise<DeadLetters>
  /** Of one letter, of a consumer's, or of all; tells how many. Throws `not_found`. */
  replay(selection: LetterSelection): Promise<number>
  discard(selection: LetterSelection): Promise<number>
}

/** Which letters are meant. */
export interface LetterSelection {
  readonly consumer?: string
  readonly id?: string
}

export interface LedgerRouteOptions {
  readonly authorize: (request: FastifyRequest) => Principal
  readonly send: (reply: FastifyReply, response: ApiResponse) => Promise<FastifyReply>
  /** What came in and what became of it, as far as the scope may see it. */
  readonly ledger: ((scope: Scope) => Promise<Ledger>) | undefined
  readonly deadLetters: DeadLetterDesk | undefined
}

/**
 * `GET /api/v1/ledger` and `GET /api/v1/dead-letters` for everybody, by scope. `POST /api/v1/dead-letters/replay` and
 * `/discard`, with `consumer` and `id` in the query (or `all=true`), for admins of the whole fleet.
 */
export function addLedgerRoutes(app: FastifyInstance, options: LedgerRouteOptions): void {
  const { authorize, send, ledger, deadLetters } = options
  if (ledger !== undefined) {
    app.get('/api/v1/ledger', async (request, reply) => {
      const { scope } = authorize(request)
      return await send(reply, jsonResponse(JSON.stringify(await ledger(scope))))
    })
  }
  if (deadLetters === undefined) return
  app.get('/api/v1/dead-letters', async (request, reply) => {
    const { scope } = authorize(request)
    return await send(reply, jsonResponse(JSON.stringify(await deadLetters.list(scope))))
  })
  const actions = {
    replay: (selection: LetterSelection) => deadLetters.replay(selection),
    discard: (selection: LetterSelection) => deadLetters.discard(selection),
  }
  for (const [name, act] of Object.entries(actions)) {
    app.post(`/api/v1/dead-letters/${name}`, async (request, reply) => {
      checkMayAct(request, authorize(request))
      const affected = await act(selectionIn(request))
      return await send(reply, jsonResponse(JSON.stringify({ affected })))
    })
  }
}

function checkMayAct(request: FastifyRequest, { role, scope }: Principal): void {
  if (role !== 'admin' || scope.tenants !== 'all' || scope.clusters !== undefined) {
    throw new AppError('forbidden', 'dead letters are moved by admins of the whole fleet only')
  }
  refuseOtherPages(request)
}

function selectionIn(request: FastifyRequest): LetterSelection {
  const query = new URLSearchParams(request.url.split('?', 2)[1] ?? '')
  const [consumer, id, all] = [query.get('consumer'), query.get('id'), query.get('all')]
  if (id !== null && consumer !== null) return { consumer, id }
  if (id !== null) throw new AppError('invalid', 'an id needs the consumer that it belongs to')
  if (consumer !== null) return { consumer }
  if (all === 'true') return {}
  throw new AppError('invalid', 'say which dead letters: consumer=NAME, consumer=NAME&id=ID, or all=true')
}
