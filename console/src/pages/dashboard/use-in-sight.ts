import { type RefObject, useEffect, useRef, useState } from 'react'

/** Whether the element is in sight, or nearly: what nobody has scrolled to asks nothing. */
export function useInSight<E extends Element>(): { readonly ref: RefObject<E | null>; readonly isInSight: boolean } {
  const ref = useRef<E>(null)
  const [isInSight, setInSight] = useState(false)
  useEffect(() => {
    const element = ref.current
    if (element === null) return undefined
    const observer = new IntersectionObserver(
      (entries) => {
        const last = entries.at(-1)
        if (last !== undefined) setInSight(last.isIntersecting)
      },
      { rootMargin: '300px' },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return { ref, isInSight }
}
