import { type ReactElement, useState } from 'react'
import type { ClusterSnapshot } from '../../data/fleet-client.ts'
import { showControls } from '../../format/log-body.ts'
import { Chevron, Icon } from '../../parts/icon.tsx'
import { Pennant } from '../../parts/pennant.tsx'
import { Popover } from '../../parts/popover.tsx'
import { StatusGlyph } from '../../parts/status.tsx'
import type { Side } from './compare.ts'

const SEARCH_ABOVE = 8

/** One side: a button with its letter, colour and name; behind it every environment and cluster of the fleet. */
export function SidePicker(props: {
  readonly side: Side | undefined
  readonly letter: string
  readonly clusters: readonly ClusterSnapshot[]
  readonly onChange: (id: string) => void
  readonly onRemove: (() => void) | undefined
}): ReactElement {
  const { side } = props
  return (
    <span className="joined">
      <Popover
        label={side === undefined ? `Side ${props.letter}` : `Side ${side.letter}: ${side.name}`}
        className="select-button"
        face={
          side === undefined ? (
            <>
              <Icon name="plus" /> {props.letter === 'C' ? 'Third' : 'Fourth'}
            </>
          ) : (
            <>
              <SideMark side={side} /> <SideName side={side} clusters={props.clusters} />
              <Chevron />
            </>
          )
        }
      >
        {(close) => (
          <Places
            clusters={props.clusters}
            chosen={side?.id}
            onChoose={(id) => {
              close()
              props.onChange(id)
            }}
          />
        )}
      </Popover>
      {props.onRemove === undefined ? null : (
        <button
          type="button"
          className="button button-icon"
          aria-label={`Without ${props.letter}`}
          onClick={props.onRemove}
        >
          <Icon name="close" size={12} />
        </button>
      )}
    </span>
  )
}

/** The colour and the letter of a side. */
export function SideMark({ side }: { readonly side: Side }): ReactElement {
  return (
    <>
      <i className={`swatch-line side-${side.letter}`} /> <b>{side.letter}</b>
    </>
  )
}

export function SideName(props: { readonly side: Side; readonly clusters: readonly ClusterSnapshot[] }): ReactElement {
  const { side, clusters } = props
  if (side.kind === 'environment') return <Pennant environment={showControls(side.name)} />
  const environment = clusters.find(({ cluster }) => cluster === side.name)?.environment
  return (
    <>
      {environment === undefined ? null : <Pennant environment={environment} />}{' '}
      <span className="cut">{showControls(side.name)}</span>
    </>
  )
}

function Places(props: {
  readonly clusters: readonly ClusterSnapshot[]
  readonly chosen: string | undefined
  readonly onChoose: (id: string) => void
}): ReactElement {
  const { clusters } = props
  const [find, setFind] = useState('')
  const environments = [...new Set(clusters.map(({ environment }) => environment))].sort()
  const matches = (name: string): boolean => name.toLowerCase().includes(find.toLowerCase())
  const place = (id: string, face: ReactElement): ReactElement => (
    <button
      key={id}
      type="button"
      aria-current={id === props.chosen ? 'true' : undefined}
      onClick={() => props.onChoose(id)}
    >
      {face}
    </button>
  )
  return (
    <div className="menu">
      {clusters.length > SEARCH_ABOVE ? (
        <input
          className="input"
          aria-label="Find"
          placeholder="Find"
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
      ) : null}
      {environments.filter(matches).map((name) =>
        place(
          `env:${name}`,
          <>
            <Pennant environment={name} /> all of {name}
          </>,
        ),
      )}
      {clusters
        .filter(({ cluster }) => matches(cluster))
        .map(({ cluster, status }) =>
          place(
            `cluster:${cluster}`,
            <>
              <StatusGlyph status={status} /> {cluster}
            </>,
          ),
        )}
      {clusters.length === 0 ? <p className="menu-none text-3">no clusters</p> : null}
    </div>
  )
}
