import { useMemo } from 'react'
import { useChartTokens } from '../../charts/tokens.ts'
import { LEVELS, type LogLevel } from '../../data/loki/entry.ts'

/** What a canvas fills bars of a level with. */
export function useLevelColours(): Readonly<Record<LogLevel, string>> {
  const tokens = useChartTokens()
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement)
    const colours = LEVELS.map((level) => {
      const name = level === 'unknown' ? '--n-7' : `--sev-${level}-fill`
      return [level, style.getPropertyValue(name).trim()] as const
    })
    return Object.fromEntries(colours) as Record<LogLevel, string>
    // The tokens stand for the theme.
  }, [tokens])
}
