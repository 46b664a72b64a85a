import { useEffect, useState } from 'react'

export type Theme = 'dark' | 'light'

const KEY = 'fleetglass.theme'

/** The chosen theme, remembered; before a choice, the one of the system. */
export function useTheme(): { readonly theme: Theme; readonly toggle: () => void } {
  const [theme, setTheme] = useState<Theme>(initialTheme)
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme
  }, [theme])
  return {
    theme,
    toggle: () => {
      const next = theme === 'dark' ? 'light' : 'dark'
      localStorage.setItem(KEY, next)
      setTheme(next)
    },
  }
}

function initialTheme(): Theme {
  const stored = localStorage.getItem(KEY)
  if (stored === 'dark' || stored === 'light') return stored
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'
}
