/** What a structured body says about itself, in the words of the log data model. */
export interface BodyFields {
  readonly severityNumber?: number | undefined
  readonly severityText?: string | undefined
  readonly traceId?: Uint8Array | undefined
  readonly spanId?: Uint8Array | undefined
  readonly traceFlags?: number | undefined
}

const NOTHING: BodyFields = {}
/** Larger bodies are not parsed: it would cost more than it tells. */
const MAX_PARSED_BYTES = 16 * 1024
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

const LEVEL_KEYS = [
  'level',
  'severity',
  'lvl',
  'log.level',
  'levelname',
  'severity_text',
  'severityText',
  'loglevel',
  '@l',
]
const TRACE_KEYS = ['trace_id', 'traceId', 'traceid', 'traceID', 'trace.id', 'otelTraceID']
const SPAN_KEYS = ['span_id', 'spanId', 'spanid', 'spanID', 'span.id', 'otelSpanID']
const FLAG_KEYS = ['trace_flags', 'traceFlags']

// The data model's appendix B; pino, bunyan and others that write numbers use the hundreds below.
const SEVERITIES: Readonly<Record<string, number>> = {
  trace: 1,
  verbose: 1,
  finest: 1,
  debug: 5,
  dbg: 5,
  info: 9,
  information: 9,
  informational: 9,
  notice: 10,
  warn: 13,
  warning: 13,
  error: 17,
  err: 17,
  severe: 17,
  critical: 18,
  crit: 18,
  dpanic: 18,
  alert: 19,
  panic: 19,
  fatal: 21,
  emergency: 21,
  emerg: 21,
}
const NUMBERED: readonly (readonly [from: number, name: string])[] = [
  [60, 'fatal'],
  [50, 'error'],
  [40, 'warn'],
  [30, 'info'],
  [20, 'debug'],
  [10, 'trace'],
]

/** Looks into a body that is a JSON object; anything else costs two comparisons. */
export function readBodyFields(body: Uint8Array): BodyFields {
  const last = body.length - 1
  if (body[0] !== OPEN_BRACE || body[last] !== CLOSE_BRACE || body.length > MAX_PARSED_BYTES) return NOTHING
  const object = parseObject(body)
  if (object === undefined) return NOTHING
  const traceId = idOf(object, TRACE_KEYS, 32)
  return {
    ...severityOf(first(object, LEVEL_KEYS)),
    // A span id says nothing without its trace.
    ...(traceId === undefined
      ? {}
      : { traceId, spanId: idOf(object, SPAN_KEYS, 16), traceFlags: flagsOf(first(object, FLAG_KEYS)) }),
  }
}

function parseObject(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    // It begins with a brace, so it is an object if it is JSON.
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8')) as Record<
      string,
      unknown
    >
  } catch {
    return undefined
  }
}

function first(object: Readonly<Record<string, unknown>>, keys: readonly string[]): unknown {
  for (const key of keys) {
    const value = object[key]
    if (value !== undefined) return value
  }
  return undefined
}

function severityOf(level: unknown): BodyFields {
  if (typeof level === 'number') {
    const name = NUMBERED.find(([from]) => level >= from)?.[1]
    return name === undefined ? NOTHING : { severityNumber: SEVERITIES[name], severityText: name }
  }
  if (typeof level !== 'string' || level.length > 20) return NOTHING
  const lower = level.toLowerCase()
  return Object.hasOwn(SEVERITIES, lower) ? { severityNumber: SEVERITIES[lower], severityText: level } : NOTHING
}

/** The id's bytes; undefined unless it is hex of the right length and not all zero. */
function idOf(
  object: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  digits: number,
): Uint8Array | undefined {
  const value = first(object, keys)
  if (typeof value !== 'string' || value.length !== digits || !/^[0-9a-fA-F]+$/.test(value)) return undefined
  const bytes = Buffer.from(value, 'hex')
  return bytes.some((byte) => byte !== 0) ? bytes : undefined
}

function flagsOf(value: unknown): number | undefined {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255) return value
  return typeof value === 'string' && /^[0-9a-fA-F]{2}$/.test(value) ? Number.parseInt(value, 16) : undefined
}
