import { AppError, messageOf } from '../../core/index.ts'
import { type AttributeValue, parseTraceqlField, type TagScope, type TraceqlField } from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { type ApiRequest, jsonResponse } from '../messages.ts'
import { attributeText } from '../otlp/attribute-text.ts'
import { rangeBefore, wholeNumber } from './params.ts'
import { needOfTyped } from './tag-filter.ts'

const SCOPES = ['resource', 'span', 'event', 'link', 'instrumentation'] as const satisfies readonly TagScope[]

/** Fields that are no attributes; many have two spellings. */
const INTRINSICS = [
  ...['duration', 'event:name', 'event:timeSinceStart', 'instrumentation:name', 'instrumentation:version', 'kind'],
  ...['link:spanID', 'link:traceID', 'name', 'nestedSetLeft', 'nestedSetParent', 'nestedSetRight'],
  ...['rootName', 'rootServiceName', 'span:duration', 'span:id', 'span:kind', 'span:name', 'span:parentID'],
  ...['span:status', 'span:statusMessage', 'status', 'statusMessage', 'trace:duration', 'trace:id'],
  ...['trace:rootName', 'trace:rootService', 'traceDuration'],
]

/** Without a range, what was seen in a day. */
const DEFAULT_RANGE_MS = 86_400_000
const DEFAULT_LIMIT = 1_000
const MAX_LIMIT = 10_000

interface TypedValue {
  readonly type: string
  readonly value: string
}

/** Intrinsics whose values are words of the language. */
const WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['status', ['error', 'ok', 'unset']],
  ['kind', ['client', 'consumer', 'internal', 'producer', 'server', 'unspecified']],
])

/** `/api/search/tags`: names without their scopes. */
export const tags: ApiHandler = async (request, context) => {
  const scopes = await tagScopes(request, context)
  const wanted = new Params(request).get('scope')
  const named = wanted === 'intrinsic' ? scopes : scopes.filter(({ name }) => name !== 'intrinsic')
  const names = new Set(named.flatMap((scope) => scope.tags))
  return jsonResponse(JSON.stringify({ tagNames: [...names].sort(), metrics: {} }))
}

/** `/api/v2/search/tags`. */
export const tagsV2: ApiHandler = async (request, context) =>
  jsonResponse(JSON.stringify({ scopes: await tagScopes(request, context), metrics: {} }))

/** `/api/search/tag/<name>/values`. */
export const tagValues: ApiHandler = async (request, context) => {
  const name = request.path['name'] ?? ''
  if (name === '') throw new AppError('invalid', 'please provide a non-empty tagName')
  const values = await valuesOf(
    INTRINSICS.includes(name) ? parseTraceqlField(name) : anyAttribute(name),
    request,
    context,
  )
  return jsonResponse(JSON.stringify({ tagValues: values.map(({ value }) => value), metrics: {} }))
}

/** `/api/v2/search/tag/<scope.name>/values`. */
export const tagValuesV2: ApiHandler = async (request, context) => {
  const field = readField(request.path['name'] ?? '')
  return jsonResponse(JSON.stringify({ tagValues: await valuesOf(field, request, context), metrics: {} }))
}

async function tagScopes(
  request: ApiRequest,
  { sources, scope, signal, clock }: HandlerContext,
): Promise<readonly { readonly name: string; readonly tags: readonly string[] }[]> {
  const params = new Params(request)
  const wanted = params.get('scope')
  const isAll = wanted === '' || wanted === 'none' || wanted === 'all'
  const scopes = SCOPES.filter((one) => isAll || one === wanted)
  const asked = { ...listOf(params, clock.now()), scopes }
  if (!isAll && scopes.length === 0 && wanted !== 'intrinsic') throw new AppError('invalid', `invalid scope: ${wanted}`)
  const names = scopes.length === 0 ? undefined : await sources.traces.tagNames(scope, asked, signal)
  const found = scopes.map((name) => ({ name, tags: names?.[name] ?? [] }))
  const intrinsic = { name: 'intrinsic', tags: INTRINSICS }
  // Scopes without a name are left out, as Tempo does.
  return [...found.filter((one) => one.tags.length > 0), ...(isAll || wanted === 'intrinsic' ? [intrinsic] : [])]
}

async function valuesOf(
  field: TraceqlField,
  request: ApiRequest,
  context: HandlerContext,
): Promise<readonly TypedValue[]> {
  const { sources, scope, signal, clock } = context
  const asked = { ...listOf(new Params(request), clock.now()), field }
  const words = field.kind === 'intrinsic' ? WORDS.get(field.name) : undefined
  if (words !== undefined) return words.map((value) => ({ type: 'keyword', value }))
  return (await sources.traces.tagValues(scope, asked, signal)).map(toTypedValue)
}

function listOf(
  params: Params,
  nowMs: number,
): {
  readonly startMs: number
  readonly endMs: number
  readonly limit: number
  readonly need: ReturnType<typeof needOfTyped>
} {
  const limit = wholeNumber(params, 'limit') ?? 0
  wholeNumber(params, 'maxStaleValues')
  return {
    ...rangeBefore(params, nowMs, DEFAULT_RANGE_MS),
    limit: limit === 0 ? DEFAULT_LIMIT : Math.min(limit, MAX_LIMIT),
    need: needOfTyped(params.queryText('q')),
  }
}

function anyAttribute(name: string): TraceqlField {
  return { kind: 'attribute', scope: 'any', parent: false, name }
}

function readField(text: string): TraceqlField {
  try {
    return parseTraceqlField(text)
  } catch (reason) {
    throw new AppError('invalid', `please provide a valid tagName: ${messageOf(reason)}`, { cause: reason })
  }
}

function toTypedValue(value: AttributeValue): TypedValue {
  const text = attributeText(value)
  switch (value.type) {
    case 'double':
      return { type: 'float', value: text }
    case 'bytes':
    case 'json':
      return { type: 'string', value: text }
    case 'string':
    case 'int':
    case 'bool':
      return { type: value.type, value: text }
  }
}
