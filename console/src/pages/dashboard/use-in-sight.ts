import { type RefObject, useEffect, useRef, useState } from 'react'

/** Whether the element has been in sight, or nearly: what nobody has scrolled to asks nothing. */
export function useInSight<E extends Element>(): { readonly ref: RefObject<E | null>; readonly wasInSight: boolean } {
  const ref = useRef<E>(null)
  const [wasInSight, setSeen] = useState(false)
  useEffect(() => {
    const element = ref.current
    if (element === null || wasInSight) return undefined
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true)
      },
      { rootMargin: '300px' },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [wasInSight])
  return { ref, wasInSight }
}
