import { sleep } from './local-fleet.ts'

/** Sends to an edge's OTLP door, again while the edge is not there yet; throws when it is not taken. */
export async function postOtlp(port: number, signal: 'metrics' | 'logs' | 'traces', body: unknown): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await postOnce(port, signal, body)
      return
    } catch (reason) {
      if (tries >= 60 || !(reason instanceof TypeError)) throw reason
      await sleep(500)
    }
  }
}

async function postOnce(port: number, signal: 'metrics' | 'logs' | 'traces', body: unknown): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${String(port)}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
  if (!response.ok) throw new Error(`${signal}: ${String(response.status)} ${await response.text()}`)
}

type Attributes = Readonly<Record<string, string>>

function toAttributes(attributes: Attributes): unknown[] {
  return Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }))
}

function nsOf(ms: number): string {
  return `${String(Math.round(ms * 1_000))}000`
}

export function logsOf(
  service: string,
  records: readonly {
    readonly atMs: number
    readonly body: string
    readonly level: string
    readonly attributes?: Attributes
    readonly traceId?: string
    readonly spanId?: string
  }[],
): unknown {
  const logRecords = records.map(({ atMs, body, level, attributes = {}, traceId, spanId }) => ({
    timeUnixNano: nsOf(atMs),
    severityText: level,
    severityNumber: { debug: 5, info: 9, warn: 13, error: 17 }[level] ?? 9,
    body: { stringValue: body },
    attributes: toAttributes(attributes),
    ...(traceId === undefined ? {} : { traceId }),
    ...(spanId === undefined ? {} : { spanId }),
  }))
  return { resourceLogs: [{ resource: resourceOf(service), scopeLogs: [{ logRecords }] }] }
}

export interface TestSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  /** 2 is a server, 3 a client. */
  readonly kind: number
  readonly isError?: boolean
  readonly attributes?: Attributes
}

export function spansOf(service: string, spans: readonly TestSpan[]): unknown {
  const list = spans.map(({ startMs, endMs, isError, attributes = {}, ...span }) => ({
    ...span,
    startTimeUnixNano: nsOf(startMs),
    endTimeUnixNano: nsOf(endMs),
    attributes: toAttributes(attributes),
    ...(isError === true ? { status: { code: 2, message: 'lock wait timeout' } } : {}),
  }))
  return { resourceSpans: [{ resource: resourceOf(service), scopeSpans: [{ spans: list }] }] }
}

/** One gauge with a point for each set of attributes. */
export function gaugeOf(
  service: string,
  name: string,
  points: readonly { readonly atMs: number; readonly value: number; readonly attributes: Attributes }[],
): unknown {
  const dataPoints = points.map(({ atMs, value, attributes }) => ({
    timeUnixNano: nsOf(atMs),
    asDouble: value,
    attributes: toAttributes(attributes),
  }))
  return {
    resourceMetrics: [
      { resource: resourceOf(service), scopeMetrics: [{ metrics: [{ name, gauge: { dataPoints } }] }] },
    ],
  }
}

function resourceOf(service: string): unknown {
  return { attributes: toAttributes({ 'service.name': service }) }
}

/** Values that somebody may send to break a page: markup, scripts, control characters, very long and empty ones. */
export function hostileValues(count: number): readonly string[] {
  const models = [
    '<img src=x onerror="window.hacked=1">',
    '<script>window.hacked=1</script>',
    '"><svg onload=window.hacked=1>',
    "javascript:window.hacked=1//'",
    '</style><style>*{display:none}</style>',
    '{{constructor.constructor("window.hacked=1")()}}',
    '\u202egnp.exe\u202c',
    'a\u0000b\u0007c',
    '%3Cscript%3Ewindow.hacked=1%3C/script%3E',
    '\\u003cscript\\u003e',
    '‮🙃‏عربي',
    `${'long '.repeat(200)}end`,
    "' OR 1=1 --",
    '${7*7}`',
    '\n\tnew\rline',
  ]
  return Array.from({ length: count }, (_, index) => `${models[index % models.length] ?? ''} ${String(index)}`)
}
