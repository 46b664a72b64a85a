import { type PointerEvent, type ReactElement, useEffect, useRef, useState } from 'react'
import { useElementSize } from '../../data/element-size.ts'
import type { SpanNode } from '../../data/trace/tree.ts'
import type { TraceSpan } from '../../data/trace/span.ts'

const HEIGHT_PX = 54

/** The whole trace at a glance; dragging looks at a part of it, a double click at all. */
export function Minimap(props: {
  readonly nodes: readonly SpanNode[]
  readonly durationMs: number
  readonly colourOf: (span: TraceSpan) => string
  readonly window: readonly [number, number]
  readonly onWindow: (window: readonly [number, number] | undefined) => void
}): ReactElement {
  const { nodes, durationMs } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const { ref, width } = useElementSize<HTMLDivElement>()
  const [drag, setDrag] = useState<readonly [number, number]>()
  const { colourOf } = props
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (canvas.current === null || context === null || context === undefined || width < 10) return
    canvas.current.width = width * devicePixelRatio
    canvas.current.height = HEIGHT_PX * devicePixelRatio
    context.scale(devicePixelRatio, devicePixelRatio)
    const style = getComputedStyle(document.documentElement)
    const resolved = new Map<string, string>()
    const step = (HEIGHT_PX - 8) / Math.max(nodes.length, 12)
    for (const [index, node] of nodes.entries()) {
      const colour = colourOf(node.span)
      const css = resolved.get(colour) ?? style.getPropertyValue(colour.slice(4, -1)).trim()
      resolved.set(colour, css)
      context.fillStyle = css
      const left = (node.startMs / durationMs) * width
      context.fillRect(
        left,
        4 + index * step,
        Math.max(1, ((node.endMs - node.startMs) / durationMs) * width),
        Math.max(0.8, Math.min(2, step)),
      )
    }
  }, [nodes, durationMs, colourOf, width])

  const msOf = (event: PointerEvent<HTMLDivElement>): number => {
    const box = event.currentTarget.getBoundingClientRect()
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * durationMs
  }
  const shown = drag === undefined ? props.window : ([Math.min(...drag), Math.max(...drag)] as const)
  return (
    <div
      className="minimap"
      ref={ref}
      role="img"
      aria-label="All spans; drag to look at a part"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        setDrag([msOf(event), msOf(event)])
      }}
      onPointerMove={(event) => {
        if (drag !== undefined) setDrag([drag[0], msOf(event)])
      }}
      onPointerUp={() => {
        if (drag !== undefined && Math.abs(drag[1] - drag[0]) > durationMs / 200)
          props.onWindow([Math.min(...drag), Math.max(...drag)])
        setDrag(undefined)
      }}
      onDoubleClick={() => props.onWindow(undefined)}
    >
      <canvas ref={canvas} />
      <i className="minimap-out" style={{ left: 0, width: `${(100 * shown[0]) / durationMs}%` }} />
      <i className="minimap-out" style={{ right: 0, width: `${100 - (100 * shown[1]) / durationMs}%` }} />
    </div>
  )
}
