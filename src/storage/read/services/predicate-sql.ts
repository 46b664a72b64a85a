import type {
  SpanConstant,
  SpanLevel,
  SpanOperand,
  SpanPredicate,
  SpanTextField,
  SpanTimeField,
} from '../../../query/index.ts'
import { sql, type Sql } from '../../sql.ts'
import { testAttribute, testText, testTime, type ValueTest } from './value-tests.ts'

/** The spans that pass, over table `spans`. */
export function passes(predicate: SpanPredicate): Sql {
  return toSql(predicate, undefined)
}

/** The level of which one element is at hand, within `some`. */
type Inside = 'event' | 'link' | undefined

function toSql(predicate: SpanPredicate, inside: Inside): Sql {
  switch (predicate.kind) {
    case 'and':
      return sql.and(predicate.of.map((one) => toSql(one, inside)))
    case 'or':
      return sql.or(predicate.of.map((one) => toSql(one, inside)))
    case 'not':
      return sql`NOT (${toSql(predicate.of, inside)})`
    case 'some':
      return ofSomeElement(predicate.level, toSql(predicate.of, predicate.level))
    case 'exists':
    case 'matches':
      return oneValue(predicate.operand, predicate, inside)
    case 'compare': {
      const { operand, operator, constant } = predicate
      if (operator === '!=') return noValueIs(operand, [constant], inside)
      return oneValue(operand, { kind: 'compare', operator, constant }, inside)
    }
    case 'in': {
      const { operand, constants, negated } = predicate
      return negated ? noValueIs(operand, constants, inside) : oneValueIs(operand, constants, inside)
    }
  }
}

function oneValueIs(operand: SpanOperand, constants: readonly SpanConstant[], inside: Inside): Sql {
  return sql.or(constants.map((constant) => oneValue(operand, { kind: 'compare', operator: '=', constant }, inside)))
}

function noValueIs(operand: SpanOperand, constants: readonly SpanConstant[], inside: Inside): Sql {
  const isEqual = oneValueIs(operand, constants, inside)
  return sql.and([oneValue(operand, { kind: 'exists' }, inside), sql`NOT (${isEqual})`])
}

function oneValue(operand: SpanOperand, test: ValueTest, inside: Inside): Sql {
  switch (operand.kind) {
    case 'attribute':
      return sql.or(
        operand.levels.map((level) =>
          at(level, testAttribute(sql.raw(ATTRIBUTE_MAPS[level]), operand.key, test), inside),
        ),
      )
    case 'text': {
      const { text, isSet = 'true' } = TEXT_FIELDS[operand.field]
      return at(levelOf(operand.field), testText(sql.raw(text), sql.raw(isSet), test), inside)
    }
    case 'time':
      return at(levelOf(operand.field), testTime(sql.raw(TIME_FIELDS[operand.field]), test), inside)
  }
}

function at(level: SpanLevel, test: Sql, inside: Inside): Sql {
  if ((level === 'event' || level === 'link') && level !== inside) return ofSomeElement(level, test)
  return sql`(${test})`
}

/** The names that an element's parts have in the expressions below. */
function ofSomeElement(level: 'event' | 'link', test: Sql): Sql {
  return level === 'event'
    ? sql`arrayExists((e_name, e_time, e_attributes) -> (${test}), event_names, event_times, event_attributes)`
    : sql`arrayExists((l_trace, l_span, l_state, l_attributes) -> (${test}),
        link_trace_ids, link_span_ids, link_trace_states, link_attributes)`
}

const ATTRIBUTE_MAPS: Readonly<Record<SpanLevel, string>> = {
  span: 'attributes',
  resource: 'resource_attributes',
  scope: 'scope_attributes',
  event: 'e_attributes',
  link: 'l_attributes',
}

const TEXT_FIELDS: Readonly<Record<SpanTextField, { readonly text: string; readonly isSet?: string }>> = {
  'span.traceID': { text: 'lower(hex(trace_id))' },
  'span.spanID': { text: 'lower(hex(span_id))' },
  'span.parentSpanID': { text: 'lower(hex(parent_span_id))', isSet: `parent_span_id != toFixedString('', 8)` },
  'span.traceState': { text: 'trace_state', isSet: `trace_state != ''` },
  'span.name': { text: 'name' },
  'span.kind': { text: `['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'][kind + 1]` },
  'span.status': { text: `['unset', 'ok', 'error'][status_code + 1]` },
  'span.statusMessage': { text: 'status_message', isSet: `status_message != ''` },
  'resource.service': { text: 'service_name' },
  'scope.name': { text: 'scope_name', isSet: `scope_name != ''` },
  'scope.version': { text: 'scope_version', isSet: `scope_version != ''` },
  'event.name': { text: 'e_name' },
  'link.traceID': { text: 'lower(hex(l_trace))' },
  'link.spanID': { text: 'lower(hex(l_span))' },
  'link.traceState': { text: 'l_state' },
}

const TIME_FIELDS: Readonly<Record<SpanTimeField, string>> = {
  'span.startTime': 'toUnixTimestamp64Nano(time)',
  'span.endTime': 'toUnixTimestamp64Nano(time) + toInt64(duration)',
  'span.duration': 'duration',
  'event.time': 'toUnixTimestamp64Nano(e_time)',
  'event.timeSinceStart': 'toUnixTimestamp64Nano(e_time) - toUnixTimestamp64Nano(time)',
}

function levelOf(field: SpanTextField | SpanTimeField): SpanLevel {
  if (field.startsWith('event.')) return 'event'
  if (field.startsWith('link.')) return 'link'
  return 'span'
}
