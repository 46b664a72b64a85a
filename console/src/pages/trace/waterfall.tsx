import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react'
import { labelTicks, valueTicks } from '../../charts/ticks.ts'
import { isTyping } from '../../data/typing.ts'
import { type SpanNode, type TraceTree, visibleNodes } from '../../data/trace/tree.ts'
import { VirtualRows, type VirtualRowsHandle } from '../../parts/virtual-rows.tsx'
import { Minimap } from './minimap.tsx'
import type { TraceColours } from './trace-colours.ts'
import { WaterfallRow } from './waterfall-row.tsx'

const ROW_PX = 18
const NEVER = (): boolean => false

/** All spans under one axis of time. Arrows or J and K move, E goes to the next error, left and right fold. */
export function Waterfall(props: {
  readonly tree: TraceTree
  readonly colours: TraceColours
  readonly selected: string | undefined
  readonly matches: ReadonlySet<string>
  readonly onSelect: (id: string | undefined) => void
}): ReactElement {
  const { tree, colours, selected } = props
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const [window, setWindow] = useState<readonly [number, number]>()
  const handle = useRef<VirtualRowsHandle>(null)
  const nodes = useMemo(() => visibleNodes(tree.nodes, folded), [tree, folded])
  const durationMs = Math.max(tree.durationMs, 0.001)
  const [fromMs, toMs] = window ?? [0, durationMs]
  const ticks = valueTicks(fromMs / 1_000, toMs / 1_000, 'seconds').filter(
    (tick) => tick * 1_000 < toMs - (toMs - fromMs) * 0.02,
  )
  const words = labelTicks(ticks, 'seconds')
  const fold = (id: string): void => {
    setFolded((before) => {
      const next = new Set(before)
      if (!next.delete(id)) next.add(id)
      return next
    })
  }
  useWaterfallKeys({ nodes, all: tree.nodes, selected, folded, fold, onSelect: props.onSelect })
  useEffect(() => {
    const index = nodes.findIndex(({ span }) => span.id === selected)
    if (index >= 0) handle.current?.scrollTo(index)
  }, [selected, nodes])
  return (
    <>
      <Minimap
        nodes={tree.nodes}
        durationMs={durationMs}
        colourOf={colours.of}
        window={[fromMs, toMs]}
        onWindow={setWindow}
      />
      <div className="waterfall-head" role="presentation">
        <span>Service and operation</span>
        <span className="waterfall-axis">
          {ticks.map((tick, index) => (
            <span key={tick} style={{ left: `${(100 * (tick * 1_000 - fromMs)) / (toMs - fromMs)}%` }}>
              {words[index]}
            </span>
          ))}
        </span>
      </div>
      <VirtualRows
        label="Spans"
        className="waterfall"
        count={nodes.length}
        rowHeight={ROW_PX}
        keyOf={(index) => nodes[index]?.span.id ?? index}
        mayDiffer={NEVER}
        layout={`${nodes.length}`}
        handle={handle}
        isSelected={(index) => nodes[index]?.span.id === selected}
        render={(index) => {
          const node = nodes[index]
          return node === undefined ? null : (
            <WaterfallRow
              node={node}
              fromMs={fromMs}
              toMs={toMs}
              colour={colours.of(node.span)}
              isFolded={folded.has(node.span.id)}
              isSelected={node.span.id === selected}
              isMatch={props.matches.has(node.span.id)}
              onSelect={props.onSelect}
              onFold={fold}
            />
          )
        }}
      />
    </>
  )
}

function useWaterfallKeys(at: {
  readonly nodes: readonly SpanNode[]
  readonly all: readonly SpanNode[]
  readonly selected: string | undefined
  readonly folded: ReadonlySet<string>
  readonly fold: (id: string) => void
  readonly onSelect: (id: string | undefined) => void
}): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      const index = at.nodes.findIndex(({ span }) => span.id === at.selected)
      const move = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key]
      const node = at.nodes[index]
      if (move !== undefined) at.onSelect(at.nodes[Math.max(0, Math.min(at.nodes.length - 1, index + move))]?.span.id)
      else if (event.key.toLowerCase() === 'e') at.onSelect(nextError(at.all, at.selected)?.span.id ?? at.selected)
      else if (
        event.key === 'ArrowLeft' &&
        node !== undefined &&
        node.children.length > 0 &&
        !at.folded.has(node.span.id)
      )
        at.fold(node.span.id)
      else if (event.key === 'ArrowRight' && node !== undefined && at.folded.has(node.span.id)) at.fold(node.span.id)
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  })
}

function nextError(nodes: readonly SpanNode[], selected: string | undefined): SpanNode | undefined {
  const from = nodes.findIndex(({ span }) => span.id === selected)
  return [...nodes.slice(from + 1), ...nodes.slice(0, from + 1)].find(({ span }) => span.isError)
}
