import { AppError } from '../../core/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { jsonResponse } from '../messages.ts'
import { fieldsOf } from './line-fields.ts'
import { rangeParameters, toTimeRange } from './params.ts'
import { matchersOf, sampleLines } from './sample-lines.ts'

const DEFAULT_LIMIT = 1_000
const MAX_LIMIT = 5_000
/** Of one field: beyond it the number of values is said to be this. */
const MAX_VALUES = 10_000

/** Labels that are of use even if all their values are ids. */
const ALWAYS: ReadonlySet<string> = new Set(['cluster', 'namespace', 'instance', 'pod'])
const ID = /^(?:-?\d+(?:\.\d+)?|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/i

/** `/loki/api/v1/detected_labels`: the labels of streams with the number of their values; names of ids are left out. */
export const detectedLabels: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const matchers = matchersOf(params.queryText('query'))
  const range = toTimeRange(rangeParameters(params, context))
  const values = new Map<string, Set<string>>()
  for (const labels of await context.sources.logs.streams(context.scope, { matchers, range }, context.signal)) {
    for (const [name, value] of Object.entries(labels)) {
      const known = values.get(name) ?? new Set()
      values.set(name, known.add(value))
    }
  }
  const detected = [...values]
    .filter(([name, all]) => ALWAYS.has(name) || [...all].some((value) => !ID.test(value)))
    .map(([label, all]) => ({ label, cardinality: all.size }))
    .sort((a, b) => (a.label < b.label ? -1 : 1))
  return jsonResponse(JSON.stringify({ detectedLabels: detected }))
}

interface Field {
  readonly values: Set<string>
  readonly parsers: Set<string>
  readonly types: Set<string>
  readonly jsonPath: readonly string[] | undefined
}

/** `/loki/api/v1/detected_fields`: what the newest lines of a query have beside their labels. */
export const detectedFields: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const limit = sizeParameter(params, 'limit')
  const fields = await findFields(params, context)
  const rows = [...fields].slice(0, limit).map(([label, { values, parsers, types, jsonPath }]) => ({
    label,
    type: types.size === 1 ? [...types][0] : 'string',
    cardinality: values.size,
    parsers: parsers.size === 0 ? null : [...parsers].sort(),
    ...(jsonPath === undefined ? {} : { jsonPath }),
  }))
  return jsonResponse(JSON.stringify({ fields: rows, limit }))
}

/** `/loki/api/v1/detected_field/<name>/values`. */
export const detectedFieldValues: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const limit = sizeParameter(params, 'limit')
  const fields = await findFields(params, context)
  const values = [...(fields.get(request.path['name'] ?? '')?.values ?? [])].sort()
  return jsonResponse(JSON.stringify({ values: values.slice(0, limit), limit }))
}

async function findFields(params: Params, context: HandlerContext): Promise<ReadonlyMap<string, Field>> {
  const range = rangeParameters(params, context)
  const lines = await sampleLines(params.queryText('query'), range, sizeParameter(params, 'line_limit'), context)
  const fields = new Map<string, Field>()
  for (const { line, stream, metadata } of lines) {
    for (const [name, value] of Object.entries(metadata)) note(fields, name, value)
    for (const { name, value, parser, path } of fieldsOf(line)) {
      const isTaken = Object.hasOwn(stream, name) || Object.hasOwn(metadata, name)
      note(fields, isTaken ? `${name}_extracted` : name, value, parser, path)
    }
  }
  return fields
}

function note(
  fields: Map<string, Field>,
  name: string,
  value: string,
  parser?: string,
  jsonPath?: readonly string[],
): void {
  let field = fields.get(name)
  if (field === undefined) {
    field = { values: new Set(), parsers: new Set(), types: new Set(), jsonPath }
    fields.set(name, field)
  }
  if (field.values.size < MAX_VALUES) field.values.add(value)
  if (parser !== undefined) field.parsers.add(parser)
  field.types.add(typeOf(value))
}

const DURATION = /^-?(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/
const BYTES = /^\d+(?:\.\d+)?\s?(?:[KMGTPE]i?)?B$/i

function typeOf(value: string): string {
  if (/^-?\d{1,19}$/.test(value)) return 'int'
  if (value.trim() !== '' && Number.isFinite(Number(value))) return 'float'
  if (value === 'true' || value === 'false') return 'boolean'
  if (DURATION.test(value)) return 'duration'
  return BYTES.test(value) ? 'bytes' : 'string'
}

function sizeParameter(params: Params, name: string): number {
  const text = params.get(name)
  if (text === '') return DEFAULT_LIMIT
  if (!/^\d{1,15}$/.test(text) || Number(text) === 0) {
    throw new AppError('invalid', `invalid ${name}: must be a positive number`)
  }
  return Math.min(Number(text), MAX_LIMIT)
}
