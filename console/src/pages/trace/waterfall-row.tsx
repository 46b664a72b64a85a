import { memo, type ReactElement } from 'react'
import type { SpanNode } from '../../data/trace/tree.ts'
import { showControls } from '../../format/log-body.ts'
import { toText } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import { ErrorMark } from '../../parts/icon.tsx'

export interface WaterfallRowProps {
  readonly node: SpanNode
  readonly fromMs: number
  readonly toMs: number
  readonly colour: string
  readonly isFolded: boolean
  readonly isSelected: boolean
  readonly isMatch: boolean
  readonly onSelect: (id: string) => void
  readonly onFold: (id: string) => void
}

/** Deeper calls than this stand at the same place: the names need the room. */
const DEEPEST = 24

/** A span: a thin bar for its extent, thick where it decides how long the trace takes. */
export const WaterfallRow = memo(function WaterfallRow(props: WaterfallRowProps): ReactElement {
  const { node, colour } = props
  const { span, parent } = node
  const isOtherService = parent !== undefined && parent.span.service !== span.service
  const isOtherCluster = parent !== undefined && parent.span.cluster !== span.cluster
  const isQuiet = node.critical.length === 0
  return (
    <div
      className={`waterfall-row ${props.isSelected ? 'selected' : ''}`}
      data-span={span.id}
      onClick={() => props.onSelect(span.id)}
    >
      <div className="waterfall-name" role="gridcell">
        {Array.from({ length: Math.min(DEEPEST, node.depth) }, (_, index) => (
          <i key={index} className="indent" />
        ))}
        {node.children.length > 0 ? (
          <button
            type="button"
            className="fold"
            aria-expanded={!props.isFolded}
            aria-label={`${props.isFolded ? 'Unfold' : 'Fold'} ${span.name}`}
            onClick={(event) => {
              event.stopPropagation()
              props.onFold(span.id)
            }}
          >
            {props.isFolded ? node.descendants : ''}
          </button>
        ) : null}
        <i className="span-mark" style={{ backgroundColor: colour }} />
        <span className={`cut ${isQuiet ? 'text-3' : ''}`}>
          {isOtherService || parent === undefined ? (
            <span className="text-3">{showControls(span.service)} </span>
          ) : null}
          {props.isMatch ? <mark>{showControls(span.name)}</mark> : showControls(span.name)}
        </span>
        <span className="grow" />
        {span.isError ? <ErrorMark /> : null}
        {isOtherCluster ? <span className="tag">{span.cluster}</span> : null}
      </div>
      <div className="waterfall-track" role="gridcell">
        <Bars {...props} isOtherCluster={isOtherCluster} />
      </div>
    </div>
  )
})

function Bars({
  node,
  fromMs,
  toMs,
  colour,
  isOtherCluster,
}: WaterfallRowProps & { readonly isOtherCluster: boolean }): ReactElement {
  const length = toMs - fromMs
  const place = (ms: number): number => Math.max(-1, Math.min(101, (100 * (ms - fromMs)) / length))
  const left = place(node.startMs)
  const right = place(node.endMs)
  const words = toText(toQuantity((node.endMs - node.startMs) / 1_000, 'seconds'))
  // Beside the bar where there is room, else on it.
  const isWide = right > 86 && left < 14
  const isLate = right > 86
  return (
    <>
      {isOtherCluster && node.parent !== undefined ? (
        <i
          className="bar-network"
          style={{
            left: `${place(node.parent.startMs)}%`,
            width: `${Math.max(0, left - place(node.parent.startMs))}%`,
          }}
        />
      ) : null}
      <i
        className="bar-extent"
        style={{ left: `${left}%`, width: `max(1px, ${right - left}%)`, backgroundColor: colour }}
      />
      {node.critical.map(([from, to]) => (
        <i
          key={from}
          className="bar-critical"
          style={{ left: `${place(from)}%`, width: `max(2px, ${place(to) - place(from)}%)`, backgroundColor: colour }}
        />
      ))}
      {node.span.events.length === 0 ? null : <EventTicks node={node} place={place} />}
      <span
        className={isWide ? 'bar-words bar-words-inside' : 'bar-words'}
        style={isWide ? { left: `${left + 6}%` } : isLate ? { right: `${100 - left}%` } : { left: `${right}%` }}
      >
        {words}
      </span>
    </>
  )
}

function EventTicks({
  node,
  place,
}: {
  readonly node: SpanNode
  readonly place: (ms: number) => number
}): ReactElement {
  return (
    <>
      {node.span.events.slice(0, 50).map((event, index) => (
        <i
          key={index}
          className="bar-event"
          title={event.name}
          style={{ left: `${place(node.startMs + event.atMs - node.span.startMs)}%` }}
        />
      ))}
    </>
  )
}
