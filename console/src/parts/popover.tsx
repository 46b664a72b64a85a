import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react'

/** A button with a surface that floats below it, or above. Escape and a press outside close it; focus returns to the button. */
export function Popover(props: {
  readonly label: string
  readonly className?: string
  readonly face: ReactNode
  readonly align?: 'left' | 'right'
  /** Below is the default. */
  readonly side?: 'above'
  /** Opens it from elsewhere, by a key: each new number is one more request. */
  readonly openRequest?: number
  readonly children: (close: () => void) => ReactNode
}): ReactElement {
  const [isOpen, setOpen] = useState(false)
  const place = useRef<HTMLSpanElement>(null)
  const opener = useRef<HTMLButtonElement>(null)
  const [answered, setAnswered] = useState(props.openRequest ?? 0)
  if ((props.openRequest ?? 0) !== answered) {
    setAnswered(props.openRequest ?? 0)
    setOpen(true)
  }
  const close = (): void => {
    setOpen(false)
    opener.current?.focus()
  }
  useEffect(() => {
    if (!isOpen) return undefined
    const onPress = (event: PointerEvent): void => {
      if (event.target instanceof Node && place.current?.contains(event.target) === false) setOpen(false)
    }
    // Wherever the focus is: what had it may be gone from the surface.
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      event.preventDefault()
      setOpen(false)
      opener.current?.focus()
    }
    document.addEventListener('pointerdown', onPress)
    document.addEventListener('keydown', onKey, true)
    return () => {
      document.removeEventListener('pointerdown', onPress)
      document.removeEventListener('keydown', onKey, true)
    }
  }, [isOpen])
  return (
    <span className="popover-place" ref={place}>
      <button
        ref={opener}
        type="button"
        className={props.className ?? 'button'}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        title={props.label}
        onClick={() => setOpen(!isOpen)}
      >
        {/* Its name says what it is for, and then what it shows. */}
        {props.face === props.label ? null : <span className="hidden">{props.label}: </span>}
        {props.face}
      </button>
      {isOpen ? (
        <div
          className={`popover popover-${props.align ?? 'left'} popover-${props.side ?? 'below'}`}
          role="dialog"
          aria-label={props.label}
        >
          {props.children(close)}
        </div>
      ) : null}
    </span>
  )
}
