import { AppError } from '../../core/index.ts'
import type { Operation } from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import type { ApiResponse } from '../messages.ts'
import { envelope, listEnvelope } from './envelope.ts'
import { parseDependencyRange } from './dependency-range.ts'
import { parseTraceRange, parseTracesRequest } from './legacy-search.ts'
import { parseTraceId } from './parameters.ts'
import { spanKindWord } from './tags.ts'
import { toUiTraces, uiTraceId } from './ui-trace.ts'

/** `/api/services`; Grafana's check whether this is a Jaeger. */
export const services: ApiHandler = async (_request, { sources, scope, signal }) =>
  listEnvelope(await sources.services.services(scope, signal))

/** `/api/services/<service>/operations`: names only. */
export const operationNames: ApiHandler = async (request, { sources, scope, signal }) => {
  const operations = await sources.services.operations(scope, request.path['service'] ?? '', signal)
  return listEnvelope([...new Set(operations.map(({ name }) => name))])
}

/** `/api/operations?service=&spanKind=`. */
export const operations: ApiHandler = async (request, { sources, scope, signal }) => {
  const params = new Params(request)
  const service = params.get('service')
  if (service === '') throw new AppError('invalid', "parameter 'service' is required")
  const found = await sources.services.operations(scope, service, signal)
  return listEnvelope(ofKind(found, params.get('spanKind')).map(toOperation))
}

export function ofKind(operations: readonly Operation[], kind: string): readonly Operation[] {
  return kind === '' ? operations : operations.filter((operation) => spanKindWord(operation.kind) === kind)
}

function toOperation({ name, kind }: Operation): { readonly name: string; readonly spanKind: string } {
  return { name, spanKind: spanKindWord(kind) }
}

/** `/api/traces`: a search, or several traces by id. */
export const traces: ApiHandler = async (request, context) => {
  const asked = parseTracesRequest(new Params(request), context.clock.now())
  if (asked.kind === 'ids') return await tracesById(asked.ids, asked, context)
  const { sources, scope, signal } = context
  const ids = await sources.services.findTraces(scope, asked.query, signal)
  return envelope(toUiTraces(ids, await sources.services.spansOf(scope, ids, {}, signal)))
}

async function tracesById(
  ids: readonly string[],
  range: { readonly startNs?: bigint; readonly endNs?: bigint },
  { sources, scope, signal }: HandlerContext,
): Promise<ApiResponse> {
  const spans = await sources.services.spansOf(scope, ids, range, signal)
  const missing = ids.filter((id) => !spans.some(({ traceId }) => traceId === id))
  const errors = missing.map((id) => ({ msg: 'trace not found', traceID: uiTraceId(id) }))
  return envelope(toUiTraces(ids, spans), { errors: errors.length === 0 ? null : errors })
}

/** `/api/traces/<id>`. */
export const trace: ApiHandler = async (request, { sources, scope, signal }) => {
  const id = parseTraceId(request.path['id'] ?? '')
  const spans = await sources.services.spansOf(scope, [id], parseTraceRange(new Params(request)), signal)
  if (spans.length === 0) throw new AppError('not_found', 'trace not found')
  return envelope(toUiTraces([id], spans))
}

/** `/api/dependencies?endTs=&lookback=`: calls between services. */
export const dependencies: ApiHandler = async (request, { sources, scope, signal, clock }) => {
  const params = new Params(request)
  const links = await sources.services.links(scope, parseDependencyRange(params, clock.now()), signal)
  const service = params.get('service')
  const wanted = service === '' ? links : links.filter(({ parent, child }) => parent === service || child === service)
  return envelope(wanted.map(({ parent, child, calls }) => ({ parent, child, callCount: calls })))
}
