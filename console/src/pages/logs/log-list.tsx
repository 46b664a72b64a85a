import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react'
import type { LogEntry } from '../../data/loki/entry.ts'
import { isTyping } from '../../data/typing.ts'
import { useView } from '../../data/view.tsx'
import { VirtualRows, type VirtualRowsHandle } from '../../parts/virtual-rows.tsx'
import { LogDetails, type LogDetailsProps } from './log-details.tsx'
import { LogRow } from './log-row.tsx'

const ROW_PX = 20

/**
 * The lines. J and K move, Enter opens, X shows the neighbours, W wraps. `goTo` brings a row into sight; a new object
 * asks again.
 */
export function LogList(props: {
  readonly entries: readonly LogEntry[]
  readonly length: number
  readonly columns: readonly string[]
  readonly needles: readonly string[]
  readonly isWrapped: boolean
  readonly head: ReactNode
  readonly goTo: { readonly index: number } | undefined
  readonly onNearEnd: () => void
  readonly onScroll: (isAtTop: boolean) => void
  readonly onWrap: () => void
  readonly onFilter: LogDetailsProps['onFilter']
  readonly onColumn: LogDetailsProps['onColumn']
  readonly handle: { current: VirtualRowsHandle | null }
}): ReactElement {
  const { entries } = props
  const { nowMs, zone, interval } = useView()
  const [selected, setSelected] = useState(-1)
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set())
  const [context, setContext] = useState<string>()
  useEffect(() => {
    if (props.goTo === undefined) return
    setSelected(props.goTo.index)
    props.handle.current?.scrollTo(props.goTo.index)
  }, [props.goTo, props.handle])

  const toggle = (entry: LogEntry): void => {
    setExpanded((before) => {
      const next = new Set(before)
      if (!next.delete(entry.key)) next.add(entry.key)
      return next
    })
  }
  const keys = useRef<(event: KeyboardEvent) => void>(undefined)
  useEffect(() => {
    keys.current = (event) => {
      const chosen = entries[selected]
      const move = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key]
      if (move !== undefined) {
        const next = Math.max(0, Math.min(entries.length - 1, selected + move))
        setSelected(next)
        props.handle.current?.scrollTo(next)
      } else if (event.key === 'w') props.onWrap()
      else if (event.key === 'Enter' && chosen !== undefined && !isOnControl(event)) toggle(chosen)
      else if (event.key === 'x' && chosen !== undefined) {
        if (!expanded.has(chosen.key)) toggle(chosen)
        setContext(context === chosen.key ? undefined : chosen.key)
      } else if (event.key === 'Escape' && chosen !== undefined && expanded.has(chosen.key)) toggle(chosen)
      else return
      event.preventDefault()
    }
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!isTyping(event) && !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented)
        keys.current?.(event)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])

  const isLong = interval.toMs - interval.fromMs > 12 * 3_600_000
  const style = {
    '--log-time': isLong ? '172px' : '92px',
    '--log-extra': props.columns.map(() => '120px').join(' '),
  } as Record<string, string>
  return (
    <div className={`log-area ${props.isWrapped ? 'wrapped' : ''}`} style={style}>
      {props.head}
      <VirtualRows
        label="Log lines"
        className="log-list"
        count={entries.length}
        rowHeight={ROW_PX}
        keyOf={(index) => entries[index]?.key ?? index}
        mayDiffer={(index) =>
          props.isWrapped || expanded.has(entries[index]?.key ?? '') || (entries[index]?.line.includes('\n') ?? false)
        }
        layout={`${props.isWrapped ? 'wrapped' : ''}${entries[0]?.key ?? ''}`}
        handle={props.handle}
        isSelected={(index) => index === selected}
        isExpanded={(index) => expanded.has(entries[index]?.key ?? '')}
        onNearEnd={props.onNearEnd}
        onScroll={props.onScroll}
        render={(index) => {
          const entry = entries[index]
          if (entry === undefined) return null
          const isExpanded = expanded.has(entry.key)
          return (
            <>
              <LogRow
                entry={entry}
                columns={props.columns}
                zone={zone}
                nowMs={nowMs}
                needles={props.needles}
                isSelected={index === selected}
                onToggle={(one) => {
                  setSelected(index)
                  toggle(one)
                }}
              />
              {isExpanded ? (
                <div role="gridcell">
                  <LogDetails
                    entry={entry}
                    columns={props.columns}
                    needles={props.needles}
                    hasContext={context === entry.key}
                    onContext={({ key }) => setContext(context === key ? undefined : key)}
                    onFilter={props.onFilter}
                    onColumn={props.onColumn}
                  />
                </div>
              ) : null}
            </>
          )
        }}
      />
    </div>
  )
}

function isOnControl(event: KeyboardEvent): boolean {
  return event.target instanceof Element && event.target.closest('button, a, summary') !== null
}
