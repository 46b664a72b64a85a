import { useState } from 'react'

/** The same array for as long as its items are the same: what depends on it is not made anew with every render. */
export function useStableList<T>(list: readonly T[]): readonly T[] {
  const [kept, setKept] = useState(list)
  if (kept.length === list.length && kept.every((item, index) => Object.is(item, list[index]))) return kept
  setKept(list)
  return list
}
