const NAMED: readonly (readonly [RegExp, string])[] = [
  [/red$/, 'var(--status-silent)'],
  [/(orange|yellow)$/, 'var(--status-degraded)'],
  [/purple$/, 'var(--series-5)'],
  [/blue$/, 'var(--accent)'],
]

/**
 * A colour of Grafana's in the language of this console: hue for what departs from normal. Green and the colour of text say that
 * nothing does, so they are none. Colours that the author chose by number stay.
 */
export function colourOf(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  if (isNumeric(name)) return name
  return NAMED.find(([pattern]) => pattern.test(name))?.[1]
}

const PAINTS: readonly (readonly [RegExp, string])[] = [
  // Shades in which the shipped dashboards write the levels of logs.
  [/^dark-purple$/, 'var(--sev-fatal-fill)'],
  [/^semi-dark-red$/, 'var(--sev-error-fill)'],
  [/^semi-dark-yellow$/, 'var(--sev-warn-fill)'],
  [/^light-blue$/, 'var(--sev-info-fill)'],
  [/red$/, 'var(--status-silent-fill)'],
  [/(orange|yellow)$/, 'var(--status-degraded-fill)'],
  [/green$/, 'var(--series-9)'],
  [/blue$/, 'var(--series-6)'],
  [/purple$/, 'var(--series-8)'],
  [/^transparent$/, 'transparent'],
]

/** The same for what is filled or drawn: every colour is one, because areas must be told apart. */
export function paintOf(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  return isNumeric(name) ? name : PAINTS.find(([pattern]) => pattern.test(name))?.[1]
}

function isNumeric(name: string): boolean {
  return /^#[0-9a-f]{3,8}$/i.test(name) || /^(rgb|hsl)a?\([\d., %]+\)$/.test(name)
}
