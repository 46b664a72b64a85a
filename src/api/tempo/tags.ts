import type { AttributeValue } from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { type ApiRequest, jsonResponse } from '../messages.ts'

/** Fields that every span has; TraceQL names them without a dot. */
const INTRINSICS = ['duration', 'kind', 'name', 'status']

interface TypedValue {
  readonly type: string
  readonly value: string
}

/** Intrinsics whose values are words of the language. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  status: ['error', 'ok', 'unset'],
  kind: ['client', 'consumer', 'internal', 'producer', 'server', 'unspecified'],
}

/** `/api/search/tags`. */
export const tags: ApiHandler = async (request, context) => {
  const scopes = await tagScopes(request, context)
  const names = scopes.filter((scope) => scope.name !== 'intrinsic').flatMap((scope) => scope.tags)
  return jsonResponse(JSON.stringify({ tagNames: [...new Set(names)].sort(), metrics: {} }))
}

/** `/api/v2/search/tags`. A query `q` only narrows what is offered, so it may be incomplete, and is not needed here. */
export const tagsV2: ApiHandler = async (request, context) =>
  jsonResponse(JSON.stringify({ scopes: await tagScopes(request, context), metrics: {} }))

async function tagScopes(
  request: ApiRequest,
  { sources, scope, signal }: HandlerContext,
): Promise<{ readonly name: string; readonly tags: readonly string[] }[]> {
  const { resource, span } = await sources.traces.tagNames(scope, signal)
  const all = [
    { name: 'resource', tags: resource },
    { name: 'span', tags: span },
    { name: 'intrinsic', tags: INTRINSICS },
  ]
  const wanted = new Params(request).get('scope')
  return wanted === '' || wanted === 'none' ? all : all.filter(({ name }) => name === wanted)
}

/** `/api/search/tag/<name>/values`. */
export const tagValues: ApiHandler = async (request, context) => {
  const values = await valuesOf(request.path['name'] ?? '', context)
  return jsonResponse(JSON.stringify({ tagValues: values.map(({ value }) => value), metrics: {} }))
}

/** `/api/v2/search/tag/<scope.name>/values`. */
export const tagValuesV2: ApiHandler = async (request, context) =>
  jsonResponse(JSON.stringify({ tagValues: await valuesOf(request.path['name'] ?? '', context), metrics: {} }))

async function valuesOf(name: string, { sources, scope, signal }: HandlerContext): Promise<TypedValue[]> {
  const intrinsic = name.replace(/^span:/, '')
  const words = Object.hasOwn(WORDS, intrinsic) ? WORDS[intrinsic] : undefined
  if (words !== undefined) return words.map((value) => ({ type: 'keyword', value }))
  if (intrinsic === 'duration') return []
  const values = await sources.traces.tagValues(scope, tagOf(intrinsic), signal)
  return values.map(toTypedValue)
}

/** The name as the source wants it: with its scope, `.name` when that is open. */
function tagOf(name: string): string {
  if (name === 'name' || /^(resource|span)?\../.test(name)) return name
  return `.${name}`
}

function toTypedValue(value: AttributeValue): TypedValue {
  switch (value.type) {
    case 'double':
      return { type: 'float', value: String(value.value) }
    case 'bytes':
      return { type: 'string', value: Buffer.from(value.value).toString('base64') }
    case 'json':
      return { type: 'string', value: value.value }
    case 'string':
    case 'int':
    case 'bool':
      return { type: value.type, value: String(value.value) }
  }
}
