import { useCallback, useSyncExternalStore } from 'react'

const CHANGED = 'fleetglass.remembered'

/** A list of texts kept in this browser, newest first, without doubles, at most `limit`. */
export function useRememberedList(
  name: string,
  limit: number,
): { readonly list: readonly string[]; readonly add: (text: string) => void; readonly clear: () => void } {
  const key = `fleetglass.${name}`
  const stored = useSyncExternalStore(subscribe, () => localStorage.getItem(key) ?? '[]')
  const add = useCallback(
    (text: string) => {
      const list = [text, ...parseList(localStorage.getItem(key) ?? '[]').filter((one) => one !== text)]
      write(key, JSON.stringify(list.slice(0, limit)))
    },
    [key, limit],
  )
  return { list: parseList(stored), add, clear: () => write(key, '[]') }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // The browser keeps nothing more for this page: history is a convenience.
  }
  window.dispatchEvent(new Event(CHANGED))
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener(CHANGED, onChange)
  window.addEventListener('storage', onChange)
  return () => {
    window.removeEventListener(CHANGED, onChange)
    window.removeEventListener('storage', onChange)
  }
}

function parseList(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
  } catch {
    return []
  }
}
