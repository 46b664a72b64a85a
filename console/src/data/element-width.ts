import { type RefCallback, useCallback, useRef, useState } from 'react'

/** The width of an element in px, followed as it changes; before the first layout, that of the window. */
export function useElementWidth(): { readonly ref: RefCallback<HTMLElement>; readonly width: number } {
  const [width, setWidth] = useState(() => window.innerWidth)
  const observer = useRef<ResizeObserver>(undefined)
  const ref = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect()
    if (element === null) return
    setWidth(element.clientWidth)
    observer.current = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.current.observe(element)
  }, [])
  return { ref, width }
}
