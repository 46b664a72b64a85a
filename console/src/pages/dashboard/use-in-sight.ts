import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'

const MARGIN_PX = 300

/** Whether the element is in sight, or nearly: what nobody has scrolled to asks nothing. */
export function useInSight<E extends Element>(): { readonly ref: RefObject<E | null>; readonly isInSight: boolean } {
  const ref = useRef<E>(null)
  const [isInSight, setInSight] = useState(false)
  // The observer speaks after the first frame; what is there from the beginning asks before it.
  useLayoutEffect(() => {
    const box = ref.current?.getBoundingClientRect()
    if (box !== undefined && box.bottom > -MARGIN_PX && box.top < innerHeight + MARGIN_PX) setInSight(true)
  }, [])
  useEffect(() => {
    const element = ref.current
    if (element === null) return undefined
    const observer = new IntersectionObserver(
      (entries) => {
        const last = entries.at(-1)
        if (last !== undefined) setInSight(last.isIntersecting)
      },
      { rootMargin: `${MARGIN_PX}px` },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return { ref, isInSight }
}
