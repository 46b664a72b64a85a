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
  if (/^#[0-9a-f]{3,8}$/i.test(name) || /^rgba?\([\d., %]+\)$/.test(name)) return name
  return NAMED.find(([pattern]) => pattern.test(name))?.[1]
}
