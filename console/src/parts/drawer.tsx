import { type ReactElement, type ReactNode, useEffect } from 'react'
import { Icon } from './icon.tsx'

/** Details beside what they belong to; it pushes and never covers. Escape closes it. */
export function Drawer(props: {
  readonly label: string
  readonly head: ReactNode
  readonly onClose: () => void
  readonly children: ReactNode
}): ReactElement {
  const { onClose } = props
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) onClose()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [onClose])
  return (
    <aside className="drawer" aria-label={props.label}>
      <header className="drawer-head">
        {props.head}
        <button type="button" className="button button-icon button-ghost" onClick={onClose} aria-label="Close">
          <Icon name="close" size={12} />
        </button>
      </header>
      {props.children}
    </aside>
  )
}
