import { type KeyboardEvent, type PointerEvent, type ReactElement, useRef, useState } from 'react'
import type { GridPlace } from '../../../grafana/dashboard.ts'

/** Of the grid: rows of 37 px and a line between. */
const ROW_PX = 38

interface Drag {
  readonly kind: 'move' | 'size'
  readonly x: number
  readonly y: number
}

/** How a panel is moved and sized: by dragging, or with the arrow keys on either handle. */
export function PanelHandles(props: {
  readonly title: string
  readonly place: GridPlace
  readonly columnPx: number
  readonly onPlace: (place: GridPlace) => void
  readonly onChoose: () => void
}): ReactElement {
  const { place, columnPx } = props
  const drag = useRef<Drag>(undefined)
  const [ghost, setGhost] = useState<GridPlace>()
  const placeAt = (event: PointerEvent, { kind, x, y }: Drag): GridPlace => {
    const dx = Math.round((event.clientX - x) / columnPx)
    const dy = Math.round((event.clientY - y) / ROW_PX)
    return kind === 'move'
      ? { ...place, x: Math.min(24 - place.w, Math.max(0, place.x + dx)), y: Math.max(0, place.y + dy) }
      : { ...place, w: Math.min(24 - place.x, Math.max(2, place.w + dx)), h: Math.max(2, place.h + dy) }
  }
  const handlersOf = (kind: Drag['kind']) => ({
    onPointerDown: (event: PointerEvent<HTMLButtonElement>): void => {
      event.currentTarget.setPointerCapture(event.pointerId)
      drag.current = { kind, x: event.clientX, y: event.clientY }
    },
    onPointerMove: (event: PointerEvent<HTMLButtonElement>): void => {
      if (drag.current !== undefined) setGhost(placeAt(event, drag.current))
    },
    onPointerUp: (event: PointerEvent<HTMLButtonElement>): void => {
      if (drag.current === undefined) return
      const next = placeAt(event, drag.current)
      drag.current = undefined
      setGhost(undefined)
      if (next.x !== place.x || next.y !== place.y || next.w !== place.w || next.h !== place.h) props.onPlace(next)
      else props.onChoose()
    },
    onPointerCancel: (): void => {
      drag.current = undefined
      setGhost(undefined)
    },
    onKeyDown: (event: KeyboardEvent): void => {
      if (event.key === 'Enter') props.onChoose()
      const step = STEPS[event.key]
      if (step === undefined) return
      event.preventDefault()
      event.stopPropagation()
      const [dx, dy] = step
      props.onPlace(
        kind === 'move'
          ? { ...place, x: place.x + dx, y: place.y + dy }
          : { ...place, w: place.w + dx, h: place.h + dy },
      )
    },
  })
  return (
    <>
      <button
        type="button"
        className="panel-move"
        aria-label={`Move ${props.title}: drag, or arrow keys`}
        title="Drag to move; press to edit"
        {...handlersOf('move')}
      />
      <button
        type="button"
        className="panel-size"
        aria-label={`Size of ${props.title}: drag, or arrow keys`}
        title="Drag to size"
        {...handlersOf('size')}
      />
      {ghost === undefined ? null : (
        <div
          className="panel-ghost"
          style={{
            left: (ghost.x - place.x) * columnPx,
            top: (ghost.y - place.y) * ROW_PX,
            width: ghost.w * columnPx,
            height: ghost.h * ROW_PX,
          }}
        />
      )}
    </>
  )
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}
