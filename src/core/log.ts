import { pino, type Logger } from 'pino'

export type { Logger }

/**
 * Structured logs: one JSON object a line on stderr, so that stdout stays free for what a command prints.
 * Values under keys that usually hold secrets are redacted wherever they stand, two levels deep.
 */
export function createLogger(program: string, level = process.env['FLEETGLASS_LOG_LEVEL'] ?? 'info'): Logger {
  return pino(
    {
      level,
      base: { program },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: ['token', 'password', 'authorization', 'key', '*.token', '*.password', '*.authorization', '*.key'],
    },
    pino.destination({ dest: 2, sync: true }),
  )
}

/** A logger that says nothing, for tests and for one-shot commands. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' })
}
