import type { IncomingMessage, ServerResponse } from 'node:http'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Access, Principal } from '../access/index.ts'
import type { FleetSnapshot } from '../contract/index.ts'
import { AppError, type Component, type ErrorCode, type Logger, type Metrics, systemCode } from '../core/index.ts'
import { scopeSnapshot } from './fleet/scoped-snapshot.ts'
import { acceptsGzip, compressAnswers } from './compression.ts'
import { addDashboardRoutes } from './dashboards/dashboard-routes.ts'
import type { DashboardStore } from './dashboards/dashboard-store.ts'
import { exportPages } from './loki/export-stream.ts'
import { serveTails } from './loki/tail/tail-server.ts'
import { addLedgerRoutes, type LedgerRouteOptions } from './ledger/ledger-routes.ts'
import { type ApiResponse, jsonResponse } from './messages.ts'
import type { Silence } from '../model/index.ts'
import { renderError } from './render-error.ts'
import { apiOf, QUERY_ROUTE_NAMES, QUERY_ROUTES, type QueryRouteName } from './routes.ts'
import type { QueryRunner } from './runner.ts'
import { answerOtherMethod } from './other-methods.ts'
import { listStaticFiles, type StaticFile, type StaticFiles } from './static-files.ts'

export interface HttpApiOptions {
  readonly listen: { readonly host: string; readonly port: number }
  readonly runner: QueryRunner
  readonly access: Access
  readonly fleet: () => FleetSnapshot | Promise<FleetSnapshot>
  /** Clusters that are silent or cut off: answers say what is missing for that. */
  readonly silences?: () => readonly Silence[]
  readonly ledger?: LedgerRouteOptions['ledger']
  readonly deadLetters?: LedgerRouteOptions['deadLetters']
  /** Dashboards of the fleet's people; without it there are only those that come with the hub. */
  readonly dashboards?: DashboardStore
  readonly metrics: Metrics
  /** The folder of the built console; it may be absent. */
  readonly consoleDir: string
  /** What is not ready, in words; empty when all is. */
  readonly readiness: () => readonly string[]
  /** Where senders write with a token. It answers by itself, errors included. */
  readonly writes?: WriteHandler
  readonly log: Logger
}

/** Takes requests over as they come, bodies unread. */
export interface WriteHandler {
  takes(request: IncomingMessage): boolean
  handle(request: IncomingMessage, response: ServerResponse): void
}

export interface HttpApi extends Component {
  /** The port in use, which is of interest when 0 was asked for. */
  readonly port: number
}

/** Limits of RELIABILITY's contract for a hardened receiver; bodies here are forms with a query at most. */
const LIMITS = {
  bodyBytes: 262_144,
  headerBytes: 16_384,
  headers: 100,
  connections: 512,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 60_000,
  pathParameterBytes: 4_096,
} as const

const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const

/** The hub's address for people and queries: the compatible APIs, our own, the console and the program's state. */
export function createHttpApi(options: HttpApiOptions): HttpApi {
  let app: FastifyInstance | undefined
  let port = options.listen.port
  return {
    name: 'http api',
    get port() {
      return port
    },
    start: async () => {
      app = await buildApp(options)
      port = await listen(app, options.listen)
    },
    shutdown: async () => {
      const running = app
      app = undefined
      await running?.close()
    },
  }
}

/** The application without a socket, for `inject`. */
export async function buildApp(options: HttpApiOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: LIMITS.bodyBytes,
    // Without it, close() would wait for clients that keep idle connections.
    forceCloseConnections: true,
    // An address that is none, such as one with half an escape.
    frameworkErrors: (error, request, reply) => {
      void sendError(error, request, reply, options.log)
    },
    requestTimeout: LIMITS.requestTimeoutMs,
    keepAliveTimeout: LIMITS.keepAliveTimeoutMs,
    routerOptions: { maxParamLength: LIMITS.pathParameterBytes },
    http: { maxHeaderSize: LIMITS.headerBytes, headersTimeout: LIMITS.headersTimeoutMs },
  })
  app.server.maxHeadersCount = LIMITS.headers
  app.server.maxConnections = LIMITS.connections

  if (options.writes !== undefined) handOverWrites(app, options.writes)
  acceptFormsAndProtobuf(app)
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(COMMON_HEADERS)
    done()
  })
  countRequests(app, options.metrics)
  compressAnswers(app)
  app.setErrorHandler((reason, request, reply) => sendError(reason, request, reply, options.log))
  for (const name of QUERY_ROUTE_NAMES) addQueryRoute(app, name, options)
  addExportRoute(app, options)
  serveTailsOf(app, options)
  addOwnRoutes(app, options)
  addConsole(app, await listStaticFiles(options.consoleDir))
  return app
}

/** The first hook: what is written is neither parsed nor counted nor answered by anything here. */
function handOverWrites(app: FastifyInstance, writes: WriteHandler): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!writes.takes(request.raw)) {
      done()
      return
    }
    reply.hijack()
    writes.handle(request.raw, reply.raw)
  })
}

/** A form's text and a protobuf message are handed on unread; other bodies mean nothing here and are dropped, as Go's ParseForm does. */
function acceptFormsAndProtobuf(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body)
  })
  app.addContentTypeParser('application/x-protobuf', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body)
  })
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => {
    done(null, undefined)
  })
}

function countRequests(app: FastifyInstance, metrics: Metrics): void {
  const seconds = metrics.histogram(
    'fleetglass_http_request_duration_seconds',
    'Time to answer a request of the HTTP API, by route and class of status.',
    [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    ['route', 'status'],
  )
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'other'
    seconds.observe({ route, status: `${String(Math.trunc(reply.statusCode / 100))}xx` }, reply.elapsedTime / 1000)
    done()
  })
}

function addQueryRoute(app: FastifyInstance, name: QueryRouteName, { access, runner, silences }: HttpApiOptions): void {
  const { methods, path } = QUERY_ROUTES[name]
  app.route({
    method: [...methods],
    url: path,
    // A query is not run for a head: that is a method which the compatible servers do not take.
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const { scope } = authorize(access, request.raw)
      const response = await runner.run(toApiRequest(name, request, silences?.() ?? []), scope, goneSignal(reply))
      return await send(reply, response)
    },
  })
}

function toApiRequest(
  route: QueryRouteName,
  request: FastifyRequest,
  silences: readonly Silence[],
): Parameters<QueryRunner['run']>[0] {
  const accept = request.headers.accept
  const noStore = /(?:^|[\s,])no-store(?:[\s,]|$)/i.test(request.headers['cache-control'] ?? '')
  const flags = request.headers['x-loki-response-encoding-flags']
  const encodingFlags = Array.isArray(flags) ? flags.join(',') : flags
  const queryAt = request.url.indexOf('?')
  return {
    route,
    path: request.params as Readonly<Record<string, string>>,
    query: queryAt === -1 ? '' : request.url.slice(queryAt + 1),
    form: typeof request.body === 'string' ? request.body : '',
    ...(request.body instanceof Uint8Array ? { body: Uint8Array.from(request.body) } : {}),
    headers: {
      ...(accept === undefined ? {} : { accept }),
      ...(encodingFlags === undefined ? {} : { encodingFlags }),
      ...(noStore ? { noStore } : {}),
    },
    ...(silences.length === 0 ? {} : { silences }),
  }
}

function authorize(access: Access, { rawHeaders, headers }: IncomingMessage): Principal {
  const scopeHeaders: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === 'x-scope-orgid') scopeHeaders.push(rawHeaders[i + 1] ?? '')
  }
  const { authorization, host } = headers
  return access.authorize({ authorization, scopeHeaders, host })
}

/** Logs as NDJSON, of any size: the answer is sent while it is read. */
function addExportRoute(app: FastifyInstance, { access, runner }: HttpApiOptions): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/loki/api/v1/export',
    handler: async (request, reply) => {
      const { scope } = authorize(access, request.raw)
      const wanted = toApiRequest('loki.export-page', request, [])
      const signal = goneSignal(reply)
      const first = await runner.run(wanted, scope, signal)
      if (first.status !== 200) return await send(reply, first)
      const pages = exportPages(runner, { request: wanted, scope, first }, signal)
      return await reply.headers({ 'cache-control': 'no-store', 'content-type': 'application/x-ndjson' }).send(pages)
    },
  })
}

function serveTailsOf(app: FastifyInstance, { access, runner, metrics }: HttpApiOptions): void {
  const scopeOf = (request: IncomingMessage): Principal['scope'] => authorize(access, request).scope
  const tails = serveTails(app.server, { runner, metrics, authorize: scopeOf })
  app.addHook('preClose', (done) => {
    tails.close()
    done()
  })
}

/** Aborts when the client goes away before it has its answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new AppError('cancelled', 'the client went away'))
  })
  return controller.signal
}

function addOwnRoutes(app: FastifyInstance, options: HttpApiOptions): void {
  const { access, fleet, ledger, deadLetters, dashboards, metrics, readiness } = options
  app.get('/api/v1/fleet', async (request, reply) => {
    const principal = authorize(access, request.raw)
    return await send(reply, jsonResponse(JSON.stringify(scopeSnapshot(await fleet(), principal))))
  })
  addLedgerRoutes(app, { authorize: (request) => authorize(access, request.raw), send, ledger, deadLetters })
  addDashboardRoutes(app, { authorize: (request) => authorize(access, request.raw), send, store: dashboards })
  // The hub's metrics name every cluster, so only who may see all clusters may read them.
  app.get('/metrics', async (request, reply) => {
    const { scope } = authorize(access, request.raw)
    if (scope.tenants !== 'all' || scope.clusters !== undefined) {
      throw new AppError('forbidden', 'the metrics of the hub speak of every tenant')
    }
    const { body, contentType } = await metrics.render()
    return await reply.type(contentType).send(body)
  })
  app.get('/healthz', async (_request, reply) => await reply.type('text/plain').send('ok\n'))
  // As Prometheus says it, for `promtool check healthy` and `ready`.
  app.get('/prometheus/-/healthy', async (_request, reply) => {
    return await reply.type('text/plain; charset=utf-8').send('Prometheus Server is Healthy.\n')
  })
  app.get('/prometheus/-/ready', async (_request, reply) => {
    const isReady = readiness().length === 0
    reply.code(isReady ? 200 : 503).type('text/plain; charset=utf-8')
    return await reply.send(isReady ? 'Prometheus Server is Ready.\n' : 'Service Unavailable\n')
  })
  app.get('/readyz', async (_request, reply) => {
    const missing = readiness()
    reply.code(missing.length === 0 ? 200 : 503).type('text/plain')
    return await reply.send(missing.length === 0 ? 'ready\n' : `${missing.join('\n')}\n`)
  })
}

/** Everything that no route takes: a file of the console, its page for addresses it routes itself, or 404. */
function addConsole(app: FastifyInstance, files: StaticFiles): void {
  app.setNotFoundHandler(async (request, reply) => {
    const [path = '/'] = request.url.split('?')
    const readable = request.method === 'GET' || request.method === 'HEAD'
    const file = readable ? (files.file(path) ?? pageFor(path, request, files)) : undefined
    if (file !== undefined) return await sendFile(reply, file, request)
    const refusal = answerOtherMethod(request.method, path)
    if (refusal !== undefined) return await send(reply, refusal)
    const unbuilt = readable && path === '/' && files.page === undefined
    const message = unbuilt ? 'the console is not built: run npm run build' : 'not found'
    return await send(reply, renderError(apiOf(path), new AppError('not_found', message)))
  })
}

async function sendFile(reply: FastifyReply, file: StaticFile, request: FastifyRequest): Promise<FastifyReply> {
  const header = request.headers['accept-encoding']
  const { readGzip } = file
  const isPacked = readGzip !== undefined && acceptsGzip(Array.isArray(header) ? header.join(',') : header)
  // Read before any header is set: those of a file must not stand on an error.
  const body = isPacked ? await readGzip() : await file.read()
  reply.headers(file.headers)
  if (readGzip !== undefined) reply.header('vary', 'accept-encoding')
  if (isPacked) reply.header('content-encoding', 'gzip')
  return await reply.send(body)
}

/** A browser that opens `/clusters/dev` gets the page; a missing script or API address must stay a 404. */
function pageFor(path: string, request: FastifyRequest, files: StaticFiles): StaticFile | undefined {
  const wantsHtml = (request.headers.accept ?? '').includes('text/html')
  const hasExtension = /\.[a-z0-9]+$/i.test(path)
  return wantsHtml && !hasExtension && apiOf(path) === undefined ? files.page : undefined
}

async function send(reply: FastifyReply, { status, headers, body }: ApiResponse): Promise<FastifyReply> {
  return await reply
    .code(status)
    .headers({ 'cache-control': 'no-store', ...headers })
    .send(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
}

async function sendError(
  reason: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): Promise<FastifyReply> {
  const error = reason instanceof AppError ? reason : fromFastify(reason)
  if (error.code === 'internal') log.error({ route: request.routeOptions.url, err: error }, 'request failed')
  return await send(reply, renderError(apiOf(request.url), error))
}

/** Fastify's own errors carry a status; they are about the request unless they are 5xx. */
function fromFastify(reason: unknown): AppError {
  const status = typeof reason === 'object' && reason !== null && 'statusCode' in reason ? reason.statusCode : 500
  const code: ErrorCode = status === 413 ? 'too_large' : Number(status) < 500 ? 'invalid' : 'internal'
  return AppError.from(reason, code)
}

async function listen(app: FastifyInstance, { host, port }: HttpApiOptions['listen']): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (reason) {
    await app.close()
    const what = `listen on ${host}:${String(port)}`
    if (systemCode(reason) !== 'EADDRINUSE') throw AppError.from(reason, 'internal', what)
    const message = `${what}: the port is taken; stop the program that has it or choose another port`
    throw new AppError('conflict', message, { cause: reason })
  }
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}
