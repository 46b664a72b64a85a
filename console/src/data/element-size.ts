import { type RefCallback, useCallback, useRef, useState } from 'react'

/** Width and height of an element in px, followed as they change; 0 before the first layout. */
export function useElementSize<T extends HTMLElement>(): {
  readonly ref: RefCallback<T>
  readonly width: number
  readonly height: number
} {
  const [size, setSize] = useState({ width: 0, height: 0 })
  const observer = useRef<ResizeObserver>(undefined)
  const ref = useCallback((element: T | null) => {
    observer.current?.disconnect()
    if (element === null) return
    const measure = (): void => {
      const next = { width: element.clientWidth, height: element.clientHeight }
      setSize((before) => (before.width === next.width && before.height === next.height ? before : next))
    }
    measure()
    observer.current = new ResizeObserver(measure)
    observer.current.observe(element)
  }, [])
  return { ref, ...size }
}
