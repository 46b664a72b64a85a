import type { Signal, TextPlace } from '../../model/index.ts'
import { ANY_VALUE, type Field, KEY_VALUE, REQUESTS, type Shape } from './schema.ts'

/** What to do with one field: look at its text, at the values in it, or go into it. Other fields are passed over. */
export type TextStep =
  | { readonly kind: 'text' | 'value' | 'attribute'; readonly place: TextPlace }
  | { readonly kind: 'message'; readonly plan: TextPlan }

/** A message of a request with the fields that hold text, each with its place. */
export interface TextPlan {
  readonly name: string
  /** By field number. */
  readonly steps: readonly (TextStep | undefined)[]
  readonly isItem: boolean
  /** Whether a record that is to go takes this message with it: the items, and what belongs to several of them. */
  readonly isDroppable: boolean
}

/** Shapes whose whole text has one place; the others by field, below. */
const PLACES_BY_SHAPE: Readonly<Record<string, TextPlace>> = {
  Resource: 'resource',
  InstrumentationScope: 'scope',
  Event: 'events',
  Link: 'links',
  Exemplar: 'exemplars',
  Status: 'status',
}

const PLACES_BY_FIELD: Readonly<Record<string, TextPlace>> = {
  'LogRecord.body': 'body',
  'LogRecord.eventName': 'name',
  'Span.name': 'name',
  'Metric.description': 'description',
  'InstrumentationScope.version': 'metadata',
}

/** The plan for the places; undefined when no text of the signal stands there. */
export function planText(signal: Signal, places: ReadonlySet<TextPlace>): TextPlan | undefined {
  return planShape(REQUESTS[signal], places, new Map())
}

function planShape(
  shape: Shape,
  places: ReadonlySet<TextPlace>,
  known: Map<Shape, TextPlan | undefined>,
): TextPlan | undefined {
  if (known.has(shape)) return known.get(shape)
  const steps: (TextStep | undefined)[] = []
  // Items are counted, and messages around them walked through, even where they hold nothing to look at.
  let isNeeded = shape.part === 'item'
  for (const field of shape.fields) {
    const step = field && planField(shape, field, places, known)
    steps.push(step)
    if (step !== undefined) isNeeded = true
  }
  const plan: TextPlan | undefined = isNeeded
    ? { name: shape.name, steps, isItem: shape.part === 'item', isDroppable: isDroppable(shape) }
    : undefined
  known.set(shape, plan)
  return plan
}

function planField(
  shape: Shape,
  field: Field,
  places: ReadonlySet<TextPlace>,
  known: Map<Shape, TextPlan | undefined>,
): TextStep | undefined {
  if (field.type === 'string') {
    const place = PLACES_BY_FIELD[`${shape.name}.${field.name}`] ?? PLACES_BY_SHAPE[shape.name] ?? 'metadata'
    return places.has(place) ? { kind: 'text', place } : undefined
  }
  if (field.shape === undefined) return undefined
  if (field.shape === KEY_VALUE || field.shape === ANY_VALUE) {
    const place = PLACES_BY_FIELD[`${shape.name}.${field.name}`] ?? PLACES_BY_SHAPE[shape.name] ?? 'attributes'
    if (!places.has(place) && !places.has('keys')) return undefined
    return { kind: field.shape === KEY_VALUE ? 'attribute' : 'value', place }
  }
  const plan = planShape(field.shape, places, known)
  return plan && { kind: 'message', plan }
}

function isDroppable({ part, name }: Shape): boolean {
  return part === 'item' || part === 'per-resource' || /^Scope(Spans|Logs|Metrics)$/.test(name) || name === 'Metric'
}
