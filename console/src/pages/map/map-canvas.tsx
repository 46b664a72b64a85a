import { type KeyboardEvent, type ReactElement, type RefObject, useEffect, useMemo, useRef, useState } from 'react'
import { useElementSize } from '../../data/element-size.ts'
import type { ServiceGraph } from '../../data/services/graph.ts'
import { Icon } from '../../parts/icon.tsx'
import { type MapLayout, NODE, nodeTowards } from './layout.ts'
import { type EdgeFigure, MapBox, MapEdge, MapNode } from './map-shapes.tsx'
import { fitViewport, revealInViewport, type Viewport, zoomViewport } from './viewport.ts'

const STEP = 1.25
/** Farther than this with the pointer down is a drag, not a click. */
const DRAG_PX = 4
/** More words than this at once nobody reads. */
const MOST_LABELS = 40

export interface MapCanvasProps {
  readonly graph: ServiceGraph
  readonly layout: MapLayout
  readonly by: EdgeFigure
  readonly node: string | undefined
  readonly edge: string | undefined
  readonly onNode: (id: string | undefined) => void
  readonly onEdge: (id: string | undefined) => void
}

/**
 * The map itself. Dragging moves it, the wheel zooms; with the keyboard: arrows go from service to service, Enter opens
 * one. The table beside it says the same.
 */
export function MapCanvas(props: MapCanvasProps): ReactElement {
  const { graph, layout } = props
  const { ref, width, height } = useElementSize<HTMLDivElement>()
  const svg = useRef<SVGSVGElement>(null)
  const [moved, setMoved] = useState<Viewport>()
  const [focused, setFocused] = useState<string>()
  const fitted = useMemo(() => fitViewport(layout, { width, height }), [layout, width, height])
  const viewport = moved ?? fitted
  useGestures(svg, viewport, setMoved)
  const current = focused !== undefined && graph.nodes.has(focused) ? focused : [...graph.nodes.keys()][0]
  const zoom = (factor: number): void => setMoved(zoomViewport(viewport, factor, width / 2, height / 2))

  const onKey = (event: KeyboardEvent): void => {
    const { key } = event
    if (event.ctrlKey || event.metaKey || event.altKey || current === undefined) return
    if (key === 'ArrowLeft' || key === 'ArrowRight' || key === 'ArrowUp' || key === 'ArrowDown') {
      const next = nodeTowards(layout.places, current, key)
      const place = next === undefined ? undefined : layout.places.get(next)
      if (next === undefined || place === undefined) return
      event.preventDefault()
      setFocused(next)
      setMoved(revealInViewport(viewport, { ...place, ...NODE }, { width, height }))
      svg.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(next)}"]`)?.focus()
    } else if ((key === 'Enter' || key === ' ') && (event.target as Element).closest('[data-node]') !== null) {
      event.preventDefault()
      props.onNode(current)
    }
  }
  const crossing = graph.edges.filter(({ from, to }) => graph.nodes.get(from)?.cluster !== graph.nodes.get(to)?.cluster)
  const isTold = (id: string): boolean =>
    id === props.edge || (crossing.length <= MOST_LABELS && crossing.some((edge) => edge.id === id))
  const isNear = (from: string, to: string): boolean =>
    props.node === undefined || props.node === from || props.node === to
  return (
    <div className="map" ref={ref}>
      <svg
        ref={svg}
        className="map-svg"
        width={width}
        height={height}
        role="group"
        aria-label={`Map of ${graph.nodes.size} services and ${graph.edges.length} calls; the table beside it says the same`}
        onKeyDown={onKey}
      >
        <defs>
          {(['plain', 'failing'] as const).map((kind) => (
            <marker
              key={kind}
              id={`map-arrow-${kind}`}
              className={`map-arrow-${kind}`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M0 .8 7.4 4 0 7.2z" />
            </marker>
          ))}
        </defs>
        <g transform={`translate(${viewport.left} ${viewport.top}) scale(${viewport.scale})`}>
          {layout.boxes.map((box) => (
            <MapBox key={`${box.kind}${box.cluster}`} box={box} graph={graph} />
          ))}
          {graph.edges.map((edge) => (
            <MapEdge
              key={edge.id}
              edge={edge}
              from={layout.places.get(edge.from)}
              to={layout.places.get(edge.to)}
              by={props.by}
              isSelected={edge.id === props.edge}
              isTold={isTold(edge.id)}
              isQuiet={!isNear(edge.from, edge.to)}
              onChoose={props.onEdge}
            />
          ))}
          {[...graph.nodes.values()].map((node) => (
            <MapNode
              key={node.id}
              node={node}
              place={layout.places.get(node.id)}
              isSelected={node.id === props.node}
              canFocus={node.id === current}
              onFocus={setFocused}
              onChoose={props.onNode}
            />
          ))}
        </g>
      </svg>
      <div className="map-tools joined" role="group" aria-label="Zoom">
        <button type="button" className="button button-icon" aria-label="Smaller" onClick={() => zoom(1 / STEP)}>
          <Icon name="minus" />
        </button>
        <button type="button" className="button button-icon" aria-label="Larger" onClick={() => zoom(STEP)}>
          <Icon name="plus" />
        </button>
        <button type="button" className="button" disabled={moved === undefined} onClick={() => setMoved(undefined)}>
          Fit
        </button>
      </div>
    </div>
  )
}

/** Dragging and the wheel, on the element itself: React's wheel listeners may not keep the page from scrolling. */
function useGestures(
  svg: RefObject<SVGSVGElement | null>,
  viewport: Viewport,
  onMove: (viewport: Viewport) => void,
): void {
  const latest = useRef(viewport)
  useEffect(() => {
    latest.current = viewport
  })
  useEffect(() => {
    const element = svg.current
    if (element === null) return undefined
    const ends = new AbortController()
    const { signal } = ends
    let drag: { id: number; x: number; y: number; from: Viewport; isFar: boolean } | undefined
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault()
      const frame = element.getBoundingClientRect()
      const factor = Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 240)
      onMove(zoomViewport(latest.current, factor, event.clientX - frame.left, event.clientY - frame.top))
    }
    const onDown = (event: PointerEvent): void => {
      if (event.button === 0)
        drag = { id: event.pointerId, x: event.clientX, y: event.clientY, from: latest.current, isFar: false }
    }
    const onDrag = (event: PointerEvent): void => {
      if (drag?.id !== event.pointerId) return
      const [x, y] = [event.clientX - drag.x, event.clientY - drag.y]
      if (!drag.isFar && Math.hypot(x, y) < DRAG_PX) return
      // Only now: what is captured from the start gets no click.
      if (!drag.isFar) element.setPointerCapture(event.pointerId)
      drag.isFar = true
      onMove({ ...drag.from, left: drag.from.left + x, top: drag.from.top + y })
    }
    const onUp = (): void => {
      drag = undefined
    }
    element.addEventListener('wheel', onWheel, { passive: false, signal })
    element.addEventListener('pointerdown', onDown, { signal })
    element.addEventListener('pointermove', onDrag, { signal })
    element.addEventListener('pointerup', onUp, { signal })
    element.addEventListener('pointercancel', onUp, { signal })
    return () => ends.abort()
  }, [svg, onMove])
}
