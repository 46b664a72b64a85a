import type { EntityRef } from '../query/index.ts'

/*
 * What OTLP says about a span that is seldom said, as JSON text in two columns of `spans`: whole columns of zeros for it
 * would cost every span. A member that is absent is empty or 0, and a text without members is ''.
 *
 *     otlp_group   of the ResourceSpans and ScopeSpans that the span came in; one text for many spans
 *     otlp_rest    of the span itself; lists go along with its events and links
 */

/** `otlp_group`. */
export interface SpanGroupRest {
  readonly resourceSchemaUrl: string
  readonly scopeSchemaUrl: string
  readonly resourceDroppedAttributes: number
  readonly scopeDroppedAttributes: number
  readonly entityRefs: readonly EntityRef[]
}

/** `otlp_rest`. */
export interface SpanRest {
  /** The end in nanoseconds as it was sent, where it is not behind the start. */
  readonly end: string
  readonly eventDroppedAttributes: readonly number[]
  readonly linkDroppedAttributes: readonly number[]
  readonly linkFlags: readonly number[]
}

const NO_GROUP_REST: SpanGroupRest = {
  resourceSchemaUrl: '',
  scopeSchemaUrl: '',
  resourceDroppedAttributes: 0,
  scopeDroppedAttributes: 0,
  entityRefs: [],
}

const NO_REST: SpanRest = { end: '', eventDroppedAttributes: [], linkDroppedAttributes: [], linkFlags: [] }

export function toGroupText(rest: SpanGroupRest): string {
  return toText(rest)
}

export function toRestText(rest: SpanRest): string {
  return toText(rest)
}

function toText(rest: object): string {
  const said = Object.entries(rest).filter(([, value]) => isSaid(value))
  return said.length === 0 ? '' : JSON.stringify(Object.fromEntries(said))
}

function isSaid(value: unknown): boolean {
  if (!Array.isArray(value)) return value !== '' && value !== 0
  return value.some((item) => item !== 0)
}

export function readGroupText(text: string): SpanGroupRest {
  if (text === '') return NO_GROUP_REST
  const json = members(text)
  return {
    resourceSchemaUrl: textOf(json['resourceSchemaUrl']),
    scopeSchemaUrl: textOf(json['scopeSchemaUrl']),
    resourceDroppedAttributes: numberOf(json['resourceDroppedAttributes']),
    scopeDroppedAttributes: numberOf(json['scopeDroppedAttributes']),
    entityRefs: listOf(json['entityRefs']).map(readEntityRef),
  }
}

export function readRestText(text: string): SpanRest {
  if (text === '') return NO_REST
  const json = members(text)
  return {
    end: textOf(json['end']),
    eventDroppedAttributes: listOf(json['eventDroppedAttributes']).map(numberOf),
    linkDroppedAttributes: listOf(json['linkDroppedAttributes']).map(numberOf),
    linkFlags: listOf(json['linkFlags']).map(numberOf),
  }
}

function readEntityRef(value: unknown): EntityRef {
  const json = isObject(value) ? value : {}
  return {
    schemaUrl: textOf(json['schemaUrl']),
    type: textOf(json['type']),
    idKeys: listOf(json['idKeys']).map(textOf),
    descriptionKeys: listOf(json['descriptionKeys']).map(textOf),
  }
}

type Members = Readonly<Record<string, unknown>>

function members(text: string): Members {
  const json: unknown = JSON.parse(text)
  return isObject(json) ? json : {}
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
