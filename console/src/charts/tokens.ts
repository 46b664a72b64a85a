import { useSyncExternalStore } from 'react'

/** What a canvas needs of the tokens, read once a theme. */
export interface ChartTokens {
  readonly series: readonly string[]
  readonly sequence: readonly string[]
  readonly text3: string
  readonly text1: string
  readonly textInverse: string
  readonly sheet: string
  readonly hover: string
  readonly grid: string
  readonly axis: string
  readonly hatch: string
  readonly exemplar: string
  readonly crosshair: string
  readonly threshold: string
  readonly accent: string
  readonly error: string
  readonly other: string
  readonly fontUi: string
  /** `var(--name)` as its value; other colours as they are. */
  readonly resolve: (css: string) => string
}

let cached: { readonly theme: string; readonly tokens: ChartTokens } | undefined

/** The tokens of the theme that is shown; a change of theme gives new ones. */
export function useChartTokens(): ChartTokens {
  const theme = useSyncExternalStore(watchTheme, themeNow)
  if (cached?.theme !== theme) cached = { theme, tokens: readTokens() }
  return cached.tokens
}

function themeNow(): string {
  return document.documentElement.dataset['theme'] ?? 'system'
}

function watchTheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => observer.disconnect()
}

function readTokens(): ChartTokens {
  const style = getComputedStyle(document.documentElement)
  const known = new Map<string, string>()
  // Kept, because each reading of a computed style brings the page's styles up to date.
  const read = (name: string): string => {
    const value = known.get(name) ?? style.getPropertyValue(`--${name}`).trim()
    known.set(name, value)
    return value
  }
  return {
    series: Array.from({ length: 10 }, (_, index) => read(`series-${index + 1}`)),
    sequence: Array.from({ length: 9 }, (_, index) => read(`seq-${index + 1}`)),
    text3: read('text-3'),
    text1: read('text-1'),
    textInverse: read('text-inverse'),
    sheet: read('surface-sheet'),
    hover: read('surface-hover'),
    grid: read('grid'),
    axis: read('axis'),
    hatch: read('hatch'),
    exemplar: read('exemplar'),
    crosshair: read('crosshair'),
    threshold: read('status-degraded-fill'),
    accent: read('accent'),
    error: read('status-silent-fill'),
    other: read('n-7'),
    fontUi: read('font-ui'),
    resolve: (css) => {
      const name = /^var\(--([\w-]+)\)$/.exec(css)?.[1]
      return name === undefined ? css : read(name)
    },
  }
}
