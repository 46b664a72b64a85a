import { type ReactElement, useMemo } from 'react'
import { showControls } from '../../format/log-body.ts'
import { toPercent, toText } from '../../format/quantity.ts'
import { toQuantity, type Unit } from '../../format/units.ts'
import { Amount } from '../../parts/amount.tsx'
import { VirtualRows } from '../../parts/virtual-rows.tsx'
import { type ComparedRow, differenceOf, type RowGroup, type Side } from './compare.ts'
import type { VersionRow } from './versions.ts'

const ROW_PX = 28

type Line =
  | { readonly kind: 'head'; readonly title: string; readonly note: string }
  | { readonly kind: 'row'; readonly row: ComparedRow }
  | { readonly kind: 'version'; readonly row: VersionRow }

/** What exists where, and how far apart it is: the latest value of each side, A against the others. */
export function DriftTable(props: {
  readonly groups: readonly RowGroup[]
  /** Those that differ or are missing somewhere. */
  readonly versions: readonly VersionRow[]
  readonly sides: readonly Side[]
  readonly unit: Unit
  readonly chosen: string | undefined
  readonly onChoose: (key: string) => void
}): ReactElement {
  const { groups, versions, sides } = props
  const lines = useMemo(
    () => [
      ...groups.flatMap(({ title, note, rows }): readonly Line[] => [
        { kind: 'head', title, note },
        ...rows.map((row): Line => ({ kind: 'row', row })),
      ]),
      ...linesOf(
        'Versions differ',
        versions.filter(({ state }) => state === 'differs'),
      ),
      ...linesOf(
        'Runs on one side only',
        versions.filter(({ state }) => state === 'missing'),
      ),
    ],
    [groups, versions],
  )
  const columns = `minmax(0, 1fr) repeat(${sides.length}, 76px) repeat(${sides.length - 1}, 76px 64px)`
  return (
    <div className="drift-table" style={{ ['--drift-columns' as string]: columns }}>
      <div className="drift-head text-3" aria-hidden="true">
        <span>Series</span>
        {sides.map((side) => (
          <span key={side.id} className="number cut" title={side.name}>
            {side.letter} {side.name}
          </span>
        ))}
        {sides.slice(1).map((side) => (
          <Against key={side.id} letter={side.letter} />
        ))}
      </div>
      <VirtualRows
        label={`Drift: series, the latest value of ${sides.map(({ letter, name }) => `${letter} ${name}`).join(', ')}, the difference and its share`}
        count={lines.length}
        rowHeight={ROW_PX}
        layout=""
        keyOf={(index) => {
          const line = lines[index]
          return line === undefined ? index : line.kind === 'head' ? `# ${line.title}` : line.row.key
        }}
        mayDiffer={() => false}
        render={(index) => {
          const line = lines[index]
          if (line === undefined) return null
          if (line.kind === 'head')
            return (
              <div className="drift-group" role="gridcell">
                <b>{showControls(line.title)}</b> <span className="text-3">{line.note}</span>
              </div>
            )
          if (line.kind === 'version') return <VersionLine row={line.row} sides={sides} />
          return (
            <DriftRow
              row={line.row}
              sides={sides}
              unit={props.unit}
              isChosen={line.row.key === props.chosen}
              onChoose={props.onChoose}
            />
          )
        }}
      />
    </div>
  )
}

function linesOf(title: string, rows: readonly VersionRow[]): readonly Line[] {
  if (rows.length === 0) return []
  return [{ kind: 'head', title, note: `${rows.length}` }, ...rows.map((row): Line => ({ kind: 'version', row }))]
}

function VersionLine({ row, sides }: { readonly row: VersionRow; readonly sides: readonly Side[] }): ReactElement {
  return (
    <div className="drift-row drift-version" data-version={row.name} data-state={row.state}>
      <span role="gridcell" className="cut" title={row.name}>
        {showControls(row.name)} <span className="text-3">{row.kind}</span>
      </span>
      {sides.map((side, index) => {
        const words = (row.versions[index] ?? []).join(', ')
        return (
          <span key={side.id} role="gridcell" className="number cut" title={words}>
            {words === '' ? <i className="drift-none" role="img" aria-label="does not run" /> : showControls(words)}
          </span>
        )
      })}
      <span role="gridcell" className="number text-2 drift-verdict">
        {row.state === 'differs' ? 'differs' : ''}
      </span>
    </div>
  )
}

function Against({ letter }: { readonly letter: string }): ReactElement {
  return (
    <>
      <span className="number">A − {letter}</span>
      <span className="number">of {letter}</span>
    </>
  )
}

function DriftRow(props: {
  readonly row: ComparedRow
  readonly sides: readonly Side[]
  readonly unit: Unit
  readonly isChosen: boolean
  readonly onChoose: (key: string) => void
}): ReactElement {
  const { row, sides, unit } = props
  const [a = null, ...others] = row.last
  const isFar = row.kind === 'far'
  return (
    <div
      className={props.isChosen ? 'drift-row selected' : 'drift-row'}
      data-drift={row.key}
      data-kind={row.kind}
      onClick={() => props.onChoose(row.key)}
    >
      <span role="gridcell" className="cut">
        <button type="button" className="call-open cut" aria-pressed={props.isChosen} title={row.key}>
          {nameOf(row)}
        </button>
      </span>
      {sides.map((side, index) => {
        const value = row.last[index] ?? null
        const joined = row.joined[index] ?? 0
        return (
          <span key={side.id} role="gridcell" className="number" title={joined > 1 ? `of ${joined} series` : undefined}>
            {value === null ? (
              <i
                className="drift-none"
                role="img"
                aria-label={row.values[index] === undefined ? 'does not exist' : 'no value'}
              />
            ) : (
              <Amount value={toQuantity(value, unit)} />
            )}
          </span>
        )
      })}
      {others.map((b, index) => {
        const absolute = differenceOf(a, b, 'absolute')
        const share = differenceOf(a, b, 'percent')
        return (
          <Difference key={sides[index + 1]?.id ?? index} isFar={isFar}>
            {absolute === null ? '' : signed(toText(toQuantity(absolute, unit)), absolute)}
            {share === null
              ? absolute === null || absolute === 0
                ? ''
                : `${sides[index + 1]?.letter ?? ''} is 0`
              : signed(toText(toPercent(share)), share)}
          </Difference>
        )
      })}
    </div>
  )
}

function Difference(props: { readonly isFar: boolean; readonly children: readonly [string, string] }): ReactElement {
  const tone = props.isFar ? 'number status-degraded' : 'number text-2'
  const [absolute, share] = props.children
  return (
    <>
      <span role="gridcell" className={tone}>
        {absolute}
      </span>
      <span role="gridcell" className={tone}>
        {share}
      </span>
    </>
  )
}

export function signed(text: string, value: number): string {
  if (value <= 0) return text
  return text.startsWith('< ') ? `< +${text.slice(2)}` : `+${text}`
}

/** The values of the labels, which tell rows apart; with their names where there are several. */
export function nameOf({ labels }: Pick<ComparedRow, 'labels'>): string {
  const { __name__: name = '', ...others } = labels
  const pairs = Object.entries(others)
  const [only] = pairs
  if (name === '' && pairs.length === 1 && only !== undefined) return showControls(only[1]) || `no ${only[0]}`
  const words = [name, ...pairs.map(([label, value]) => `${label}=${value}`)].filter((part) => part !== '')
  return showControls(words.join(' ')) || 'the whole query'
}
