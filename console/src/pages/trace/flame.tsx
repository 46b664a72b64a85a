import { type MouseEvent, type ReactElement, useEffect, useRef, useState } from 'react'
import { useChartTokens } from '../../charts/tokens.ts'
import { useElementSize } from '../../data/element-size.ts'
import type { SpanNode, TraceTree } from '../../data/trace/tree.ts'
import { toText } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import type { TraceColours } from './trace-colours.ts'

const ROW_PX = 18
/** Narrower boxes hold no word. */
const WORD_PX = 42

/** Calls below each other over time; pressing a span shows its details, a double click looks at it alone. */
export function Flame(props: {
  readonly tree: TraceTree
  readonly colours: TraceColours
  readonly selected: string | undefined
  readonly onSelect: (id: string) => void
}): ReactElement {
  const { tree, colours } = props
  const tokens = useChartTokens()
  const canvas = useRef<HTMLCanvasElement>(null)
  const { ref, width } = useElementSize<HTMLDivElement>()
  const [focus, setFocus] = useState<SpanNode>()
  const [hovered, setHovered] = useState<{ readonly node: SpanNode; readonly x: number; readonly y: number }>()
  const depth = Math.min(400, 1 + tree.nodes.reduce((most, node) => Math.max(most, node.depth), 0))
  const fromMs = focus?.startMs ?? 0
  const toMs = Math.max(focus?.endMs ?? tree.durationMs, fromMs + 0.001)
  const place = (ms: number): number => ((ms - fromMs) / (toMs - fromMs)) * width

  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (canvas.current === null || context === null || context === undefined || width < 10) return
    canvas.current.width = width * devicePixelRatio
    canvas.current.height = depth * ROW_PX * devicePixelRatio
    context.scale(devicePixelRatio, devicePixelRatio)
    context.font = `11px ${tokens.fontUi}`
    context.textBaseline = 'middle'
    const style = getComputedStyle(document.documentElement)
    for (const node of tree.nodes) {
      const left = Math.max(0, place(node.startMs))
      const right = Math.min(width, place(node.endMs))
      if (right < 0 || left > width || right - left < 0.3) continue
      const top = node.depth * ROW_PX
      const colour = style.getPropertyValue(colours.of(node.span).slice(4, -1)).trim()
      context.globalAlpha = node.critical.length > 0 ? 0.55 : 0.22
      context.fillStyle = colour
      context.fillRect(left, top, Math.max(1, right - left - 1), ROW_PX - 1)
      context.globalAlpha = 1
      if (node.span.isError) {
        context.fillStyle = tokens.error
        context.fillRect(left, top, Math.max(1, right - left - 1), 2)
      }
      if (node.span.id === props.selected) {
        context.strokeStyle = tokens.accent
        context.lineWidth = 2
        context.strokeRect(left + 1, top + 1, Math.max(1, right - left - 3), ROW_PX - 3)
      }
      if (right - left > WORD_PX) {
        context.save()
        context.beginPath()
        context.rect(left, top, right - left - 4, ROW_PX)
        context.clip()
        context.fillStyle = tokens.text1
        context.fillText(node.span.name, left + 5, top + ROW_PX / 2)
        context.restore()
      }
    }
  })
  const nodeAt = (event: MouseEvent): SpanNode | undefined => {
    const { offsetX, offsetY } = event.nativeEvent
    const row = Math.floor(offsetY / ROW_PX)
    return tree.nodes.findLast(
      (node) => node.depth === row && place(node.startMs) <= offsetX && place(node.endMs) >= offsetX - 1,
    )
  }
  return (
    <div className="flame-scroll">
      <div className="flame" ref={ref} role="img" aria-label="Flame graph; the waterfall and the table say the same">
        <canvas
          ref={canvas}
          style={{ height: depth * ROW_PX }}
          onMouseMove={(event) => {
            const node = nodeAt(event)
            setHovered(
              node === undefined ? undefined : { node, x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY },
            )
          }}
          onMouseLeave={() => setHovered(undefined)}
          onClick={(event) => {
            const node = nodeAt(event)
            if (node !== undefined) props.onSelect(node.span.id)
          }}
          onDoubleClick={(event) => setFocus(focus === undefined ? nodeAt(event) : undefined)}
        />
        {hovered === undefined ? null : (
          <div
            className="tooltip"
            style={{ left: hovered.x > width - 300 ? hovered.x - 280 : hovered.x + 14, top: hovered.y + 12 }}
          >
            <b className="cut">{hovered.node.span.name}</b>
            <span className="text-2">
              {hovered.node.span.service} {hovered.node.span.cluster}
            </span>
            <span>
              {toText(toQuantity((hovered.node.endMs - hovered.node.startMs) / 1_000, 'seconds'))}, itself{' '}
              {toText(toQuantity(hovered.node.selfMs / 1_000, 'seconds'))}
            </span>
          </div>
        )}
      </div>
      {focus === undefined ? null : (
        <button type="button" className="button button-small" onClick={() => setFocus(undefined)}>
          Show the whole trace
        </button>
      )}
    </div>
  )
}
