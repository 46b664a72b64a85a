import { flagAt, type Json, numberAt, objectsAt, textAt, textsAt } from './json.ts'

/** Functions that make numbers of spans: a query with one of them is answered by series. */
const METRICS =
  /\|\s*(?:rate|count_over_time|min_over_time|max_over_time|avg_over_time|sum_over_time|quantile_over_time|histogram_over_time|compare)\s*\(/

/** Whether the TraceQL query asks for series; what stands in quotes says nothing. */
export function isTraceMetrics(query: string): boolean {
  return METRICS.test(query.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""'))
}

/** Whether somebody wrote a trace's id where a query may stand. */
export function isTraceId(query: string): boolean {
  return /^[0-9a-f]{16,32}$/i.test(query.trim())
}

/** What a target of Tempo's data source asks, in TraceQL: its text, its form of filters, or its older form. */
export function traceQueryOf(target: Json): string {
  const text = textAt(target, 'query') ?? ''
  switch (target['queryType']) {
    case 'traceqlSearch':
      return ofFilters(target)
    case 'nativeSearch':
    case 'search':
      return text.trim().startsWith('{') ? text : ofOldForm(target)
    default:
      return text
  }
}

/** `{ id, tag, operator, scope, value, valueType }`, one of them after the other; `group by` becomes a pipeline. */
function ofFilters(target: Json): string {
  const conditions = objectsAt(target, 'filters').flatMap((filter) => {
    const values = textsAt(filter, 'value').filter((value) => value !== '')
    const tag = textAt(filter, 'tag') ?? ''
    return tag === '' || values.length === 0 ? [] : [conditionOf(filter, tag, values)]
  })
  const groups = objectsAt(target, 'groupBy').flatMap((one) => {
    const tag = textAt(one, 'tag') ?? ''
    return tag === '' ? [] : [scoped(tag, textAt(one, 'scope'))]
  })
  return `{ ${conditions.join(' && ')} }${groups.length === 0 ? '' : ` | by(${groups.join(', ')})`}`.replace(
    '{  }',
    '{}',
  )
}

function conditionOf(filter: Json, tag: string, values: readonly string[]): string {
  const name = scoped(tag, textAt(filter, 'scope'))
  const operator = textAt(filter, 'operator') ?? '='
  const type = textAt(filter, 'valueType') ?? ''
  if (values.length > 1 && (operator === '=~' || operator === '!~')) {
    return `${name}${operator}${JSON.stringify(values.join('|'))}`
  }
  const parts = values.map((value) => `${name}${operator}${writeValue(value, type, tag)}`)
  const [only = ''] = parts
  return parts.length === 1 ? only : `(${parts.join(operator === '!=' ? ' && ' : ' || ')})`
}

const INTRINSIC =
  /^(?:duration|name|status|statusMessage|kind|traceDuration|rootName|rootServiceName|(?:trace|span|event|link|instrumentation):\w+)$/

function scoped(tag: string, scope: string | undefined): string {
  if (INTRINSIC.test(tag) || /^(?:span|resource|event|link|instrumentation|parent)\./.test(tag) || tag.startsWith('.'))
    return tag
  return scope === undefined || scope === '' || scope === 'unscoped' || scope === 'intrinsic'
    ? `.${tag}`
    : `${scope}.${tag}`
}

/** Numbers, durations, words of TraceQL and variables stand without quotes. */
function writeValue(value: string, type: string, tag: string): string {
  const isPlain =
    ['duration', 'int', 'float', 'bool', 'keyword', 'number'].includes(type) ||
    /^(?:status|kind|span:status|span:kind|duration|traceDuration|span:duration|trace:duration)$/.test(tag)
  return isPlain ? value : JSON.stringify(value)
}

/** The form before TraceQL: a service, a span, tags in logfmt, two durations. */
function ofOldForm(target: Json): string {
  const conditions: string[] = []
  const add = (name: string, operator: string, value: string | undefined): void => {
    if (value !== undefined && value.trim() !== '') conditions.push(`${name}${operator}${value}`)
  }
  const quoted = (key: string): string | undefined => {
    const text = textAt(target, key)
    return text === undefined || text === '' ? undefined : JSON.stringify(text)
  }
  add('resource.service.name', '=', quoted('serviceName'))
  add('name', '=', quoted('spanName'))
  add('duration', '>=', textAt(target, 'minDuration'))
  add('duration', '<=', textAt(target, 'maxDuration'))
  for (const [, key = '', inQuotes, plain] of (textAt(target, 'search') ?? '').matchAll(
    /([\w.:/-]+)=(?:"((?:[^"\\]|\\.)*)"|(\S+))/g,
  )) {
    add(`.${key}`, '=', JSON.stringify(inQuotes ?? plain ?? ''))
  }
  return conditions.length === 0 ? '{}' : `{ ${conditions.join(' && ')} }`
}

/** Points or the last value only; how many exemplars beside them. */
export function traceMetricsOf(target: Json): { readonly isInstant: boolean; readonly exemplars: number } {
  return {
    isInstant: target['metricsQueryType'] === 'instant' || flagAt(target, 'instant') === true,
    exemplars: Math.min(500, Math.max(0, numberAt(target, 'exemplars') ?? 100)),
  }
}
