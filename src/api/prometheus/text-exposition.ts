import { type Labels, METRIC_NAME } from '../../model/index.ts'
import { formatFloatSample, labelValue, sortedNames } from '../../query/index.ts'
import { LABEL, METRIC, underscored } from './exposition-names.ts'
import type { LatestSample } from './latest-sample.ts'

/*
 * Prometheus' text format 0.0.4, and OpenMetrics 1.0:
 *
 *     # TYPE <metric> untyped                         in OpenMetrics: unknown
 *     <metric>{<label>="<value>",…} <value> <time>    milliseconds; in OpenMetrics seconds
 *     # EOF                                           OpenMetrics only
 *
 * Names that are no plain words are quoted and stand in the braces where the reader says that it can read that, and
 * have underscores for their other characters where it does not.
 */
export interface ExpositionStyle {
  readonly format: Format
  readonly utf8Names: boolean
  readonly contentType: string
}

type Format = 'text' | 'openmetrics' | 'protobuf'

interface Preference {
  readonly format: Format
  readonly utf8Names: boolean
  readonly q: number
}

/** What the header `Accept` prefers; 0.0.4 when it says nothing that is known. */
export function expositionStyleOf(accept: string): ExpositionStyle {
  let best: Preference = { format: 'text', utf8Names: false, q: 0 }
  for (const entry of accept.toLowerCase().split(',')) {
    const preference = preferenceOf(entry)
    if (preference !== undefined && preference.q > best.q) best = preference
  }
  const { format, utf8Names } = best
  const escaping = utf8Names ? 'allow-utf-8' : 'underscores'
  return { format, utf8Names, contentType: `${CONTENT_TYPES[format]}; escaping=${escaping}` }
}

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  protobuf: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
}

/** One entry of the header; undefined when it is none of our formats. */
function preferenceOf(entry: string): Preference | undefined {
  const [type = '', ...rest] = entry.split(';').map((part) => part.trim())
  const parameters = new Map(rest.map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]))
  const format = formatOf(type, parameters)
  if (format === undefined) return undefined
  return { format, utf8Names: parameters.get('escaping') === 'allow-utf-8', q: Number(parameters.get('q') ?? 1) }
}

function formatOf(type: string, parameters: ReadonlyMap<string, string>): Format | undefined {
  switch (type) {
    case 'text/plain':
    case 'text/*':
    case '*/*':
      return 'text'
    case 'application/openmetrics-text':
      return ['', '0.0.1', '1.0.0'].includes(parameters.get('version') ?? '') ? 'openmetrics' : undefined
    case 'application/vnd.google.protobuf': {
      const isOurs = parameters.get('proto') === 'io.prometheus.client.metricfamily'
      return isOurs && parameters.get('encoding') === 'delimited' ? 'protobuf' : undefined
    }
    default:
      return undefined
  }
}

/** Writes samples one after the other; those of a metric must come together. */
export function createTextExposition({ format, utf8Names }: Pick<ExpositionStyle, 'format' | 'utf8Names'>): {
  add(labels: Labels, sample: LatestSample): void
  finish(): string
} {
  const openMetrics = format === 'openmetrics'
  const lines: string[] = []
  let family = ''
  const nameOf = (name: string, plain: RegExp): string => {
    if (plain.test(name)) return name
    if (utf8Names) return quoted(name)
    return underscored(name)
  }
  const line = (metric: string, pairs: readonly string[], value: number, timeMs: number): string => {
    const time = openMetrics ? String(timeMs / 1000) : String(timeMs)
    const name = nameOf(metric, METRIC)
    const inside = name.startsWith('"') ? [name, ...pairs] : pairs
    const braces = inside.length === 0 ? '' : `{${inside.join(',')}}`
    return `${name.startsWith('"') ? '' : name}${braces} ${formatFloatSample(value)} ${time}`
  }
  return {
    add: (labels, { timeMs, value, histogram }) => {
      const metric = labelValue(labels, METRIC_NAME)
      if (metric === '') return
      const pairs = sortedNames(labels)
        .filter((name) => name !== METRIC_NAME)
        .map((name) => `${nameOf(name, LABEL)}=${quoted(labelValue(labels, name))}`)
      const untyped = openMetrics ? 'unknown' : 'untyped'
      const header = `# TYPE ${nameOf(metric, METRIC)} ${histogram === undefined ? untyped : 'histogram'}`
      if (header !== family) lines.push(header)
      family = header
      if (histogram === undefined) {
        lines.push(line(metric, pairs, value, timeMs))
        return
      }
      // The text formats have no native histograms; what they can hold of one is its sum and its count.
      lines.push(line(`${metric}_bucket`, [...pairs, 'le="+Inf"'], histogram.count, timeMs))
      lines.push(line(`${metric}_sum`, pairs, histogram.sum, timeMs))
      lines.push(line(`${metric}_count`, pairs, histogram.count, timeMs))
    },
    finish: () => [...lines, ...(openMetrics ? ['# EOF'] : [])].map((text) => `${text}\n`).join(''),
  }
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`
}
