import type { ReactElement } from 'react'

/** Up, down and away, for one of a list. `onMove` is told where it goes. */
export function RowButtons(props: {
  readonly what: string
  readonly at: number
  readonly count: number
  readonly onMove: (to: number) => void
  readonly onRemove: () => void
}): ReactElement {
  const { what, at, count, onMove } = props
  const small = 'button button-small button-ghost'
  return (
    <span className="row-buttons">
      <button
        type="button"
        className={small}
        disabled={at === 0}
        aria-label={`${what} up`}
        onClick={() => onMove(at - 1)}
      >
        Up
      </button>
      <button
        type="button"
        className={small}
        disabled={at === count - 1}
        aria-label={`${what} down`}
        onClick={() => onMove(at + 1)}
      >
        Down
      </button>
      <button type="button" className={small} aria-label={`Remove ${what}`} onClick={props.onRemove}>
        Remove
      </button>
    </span>
  )
}

/** The list with one of it elsewhere. */
export function movedIn<T>(list: readonly T[], from: number, to: number): readonly T[] {
  const rest = list.filter((_, index) => index !== from)
  return [...rest.slice(0, to), ...list.slice(from, from + 1), ...rest.slice(to)]
}
