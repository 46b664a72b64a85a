import {
  type ReactElement,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useElementSize } from '../data/element-size.ts'
import { RowHeights } from '../data/row-heights.ts'

const OVERSCAN = 12

export interface VirtualRowsHandle {
  readonly scrollTo: (index: number) => void
  readonly scrollToTop: () => void
}

/**
 * A list of any length of which only the rows in sight are in the page. Rows are `rowHeight` high unless their measured
 * height says otherwise. `keyOf` names a row for as long as it is the same one.
 */
export function VirtualRows(props: {
  readonly label: string
  readonly count: number
  readonly rowHeight: number
  readonly keyOf: (index: number) => string | number
  readonly render: (index: number) => ReactNode
  readonly isSelected?: (index: number) => boolean
  /** Undefined for rows that have nothing to unfold. */
  readonly isExpanded?: (index: number) => boolean | undefined
  /** Rows that may have another height; only these are measured. */
  readonly mayDiffer: (index: number) => boolean
  /** Heights are forgotten when this changes. */
  readonly layout: string
  readonly handle?: RefObject<VirtualRowsHandle | null>
  readonly onNearEnd?: () => void
  readonly onScroll?: (isAtTop: boolean) => void
  readonly className?: string
  readonly columns?: number
}): ReactElement {
  const { count, rowHeight } = props
  const size = useElementSize<HTMLDivElement>()
  const scroller = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const [, setMeasured] = useState(0)
  const heights = useMemo(() => new RowHeights(count, rowHeight), [count, rowHeight, props.layout])
  const first = Math.max(0, heights.indexAt(top) - OVERSCAN)
  const last = Math.min(count - 1, heights.indexAt(top + size.height) + OVERSCAN)

  const measure = useCallback(
    (index: number, element: HTMLElement | null) => {
      if (element === null) return undefined
      const look = (): void => {
        if (heights.set(index, element.offsetHeight)) setMeasured((times) => times + 1)
      }
      look()
      // What is in a row may come later, such as the lines around one.
      const observer = new ResizeObserver(look)
      observer.observe(element)
      return () => observer.disconnect()
    },
    [heights],
  )
  const { onNearEnd } = props
  useEffect(() => {
    if (count > 0 && last >= count - OVERSCAN * 2) onNearEnd?.()
  }, [last, count, onNearEnd])
  useLayoutEffect(() => {
    if (props.handle === undefined) return
    props.handle.current = {
      scrollTo: (index) => {
        const element = scroller.current
        if (element === null) return
        const from = heights.offsetOf(index)
        const to = from + heights.heightOf(index)
        if (from < element.scrollTop) element.scrollTop = from
        else if (to > element.scrollTop + element.clientHeight) element.scrollTop = to - element.clientHeight
      },
      scrollToTop: () => {
        if (scroller.current !== null) scroller.current.scrollTop = 0
      },
    }
  })

  const rows: ReactNode[] = []
  for (let index = first; index <= last; index += 1) {
    rows.push(
      <div
        key={props.keyOf(index)}
        className="virtual-row"
        role="row"
        aria-rowindex={index + 1}
        aria-selected={props.isSelected?.(index)}
        aria-expanded={props.isExpanded?.(index)}
        style={{ transform: `translateY(${heights.offsetOf(index)}px)` }}
        ref={
          props.mayDiffer(index) || heights.heightOf(index) !== rowHeight
            ? (element) => measure(index, element)
            : undefined
        }
      >
        {props.render(index)}
      </div>,
    )
  }
  return (
    <div
      className={`virtual ${props.className ?? ''}`}
      ref={(element) => {
        scroller.current = element
        size.ref(element)
      }}
      role={props.isExpanded === undefined ? 'grid' : 'treegrid'}
      aria-label={props.label}
      aria-rowcount={count}
      tabIndex={0}
      onScroll={(event) => {
        setTop(event.currentTarget.scrollTop)
        props.onScroll?.(event.currentTarget.scrollTop < rowHeight)
      }}
    >
      <div className="virtual-space" style={{ height: heights.total }}>
        {rows}
      </div>
    </div>
  )
}
