import { trace } from '@opentelemetry/api'
import { logs, SeverityNumber } from '@opentelemetry/api-logs'

export type Level = 'debug' | 'info' | 'warn' | 'error'
export type Fields = Readonly<Record<string, string | number | boolean>>

/** One JSON object a line on standard output, with the ids of the current trace: what a container's log file holds. */
export function logLine(level: Level, message: string, fields: Fields = {}): void {
  const span = trace.getActiveSpan()?.spanContext()
  const ids = span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId }
  process.stdout.write(`${JSON.stringify({ ts: new Date().toISOString(), level, msg: message, ...fields, ...ids })}\n`)
}

const SEVERITY: Readonly<Record<Level, SeverityNumber>> = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
}

/** The same through the OpenTelemetry logs API, for the service that has no log file. */
export function emitLog(level: Level, message: string, fields: Fields = {}): void {
  logs.getLogger('app').emit({
    severityNumber: SEVERITY[level],
    severityText: level.toUpperCase(),
    body: message,
    attributes: { ...fields },
  })
}
