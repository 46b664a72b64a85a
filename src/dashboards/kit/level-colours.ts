/** What a log level is called by those who write it, and Grafana's colour for it: a name, or a number where it has no grey. */
const LEVELS: readonly (readonly [words: string, color: string])[] = [
  ['fatal|critical|crit|panic|emerg|emergency|alert', 'dark-purple'],
  ['error|err', 'semi-dark-red'],
  ['warning|warn', 'semi-dark-yellow'],
  ['information|info|notice', 'light-blue'],
  ['debug', '#7a8b9e'],
  ['trace', '#8b9498'],
  ['unknown', '#677074'],
]

/** Series whose names end with a level, in its colour: an expression, and what holds for the names that it finds. */
export function levelColours(): readonly {
  readonly regexp: string
  readonly properties: { readonly id: string; readonly value: unknown }[]
}[] {
  return LEVELS.map(([words, color]) => ({
    regexp: `/(^|\\W)(${words})$/i`,
    properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }],
  }))
}
