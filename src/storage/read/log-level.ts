/** Where senders put a level when they do not use OTLP's severity. */
const LEVEL_NAMES = ['severity_text', 'level', 'severity', 'lvl', 'log_level', 'loglevel', 'detected_level']

const WORDS: readonly (readonly [level: string, pattern: RegExp])[] = [
  ['trace', /^(?:trace|trc)/],
  ['debug', /^(?:debug|dbg)/],
  ['info', /^(?:info|inf$|information|notice)/],
  ['warn', /^(?:warn|wrn)/],
  ['error', /^(?:error|err)/],
  ['critical', /^(?:critical|crit)/],
  ['fatal', /^(?:fatal|panic|emerg|alert)/],
]

const BY_NUMBER = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
const NUMBERS_PER_LEVEL = 4

/** The level of a line as Loki's `detected_level` tells it, from its severity or from what its attributes call so. */
export function detectLevel(metadata: Readonly<Record<string, string>>): string {
  const number = Number(metadata['severity_number'] ?? 0)
  if (number > 0) return BY_NUMBER[Math.floor((number - 1) / NUMBERS_PER_LEVEL)] ?? 'unknown'
  for (const name of LEVEL_NAMES) {
    const text = metadata[name]?.toLowerCase()
    const found = text === undefined ? undefined : WORDS.find(([, pattern]) => pattern.test(text))
    if (found !== undefined) return found[0]
  }
  return 'unknown'
}
