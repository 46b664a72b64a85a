import { AppError } from '../../core/index.ts'
import type { Signal } from '../../model/index.ts'
import { jsonToOtlp, ProtoWriter } from '../../wire/index.ts'

/** A request to try rules on, and what to call it. */
export interface NamedRequest {
  readonly where: string
  readonly signal: Signal
  readonly payload: Uint8Array
}

const SIGNAL_BY_KEY: Readonly<Record<string, Signal>> = {
  resourceLogs: 'logs',
  resourceSpans: 'traces',
  resourceMetrics: 'metrics',
}

/**
 * The requests in a text: one OTLP/JSON document, or line by line OTLP/JSON or anything else, of which each line is
 * taken as the body of a log record, as if it had come from a log file.
 */
export function* readRequests(text: string): Generator<NamedRequest> {
  const whole = signalsOf(text)
  if (whole.length > 0) {
    yield* toRequests('', whole, text)
    return
  }
  let number = 0
  for (const line of text.split(/\r?\n/)) {
    number += 1
    if (line === '') continue
    const where = `line ${String(number)}`
    const signals = signalsOf(line)
    if (signals.length > 0) yield* toRequests(where, signals, line)
    else yield { where, signal: 'logs', payload: requestOf(line) }
  }
}

function* toRequests(where: string, signals: readonly Signal[], json: string): Generator<NamedRequest> {
  for (const signal of signals)
    yield { where: where === '' ? signal : where, signal, payload: jsonToOtlp(signal, json) }
}

/** The signals of an OTLP/JSON request; none for other texts. */
function signalsOf(text: string): readonly Signal[] {
  if (!/^\s*\{\s*"resource(?:Logs|Spans|Metrics)"/.test(text)) return []
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (reason) {
    // A line of a longer document cannot be told from one that is cut off.
    if (/\n./.test(text.trim())) return []
    throw new AppError('invalid', 'this begins as OTLP/JSON and is no JSON', { cause: reason })
  }
  return Object.keys(value ?? {}).flatMap((key) => SIGNAL_BY_KEY[key] ?? [])
}

/** `ExportLogsServiceRequest` of one record with a text body. */
function requestOf(line: string): Uint8Array {
  const writer = new ProtoWriter(line.length + 32)
  const messages = [1, 2, 2, 5].map((field) => writer.begin(field))
  writer.string(1, line)
  for (const start of messages.reverse()) writer.end(start)
  return writer.finish()
}
