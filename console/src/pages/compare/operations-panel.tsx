import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { failShare, isFailing } from '../../data/services/graph.ts'
import type { Served } from '../../data/services/use-service-graph.ts'
import { compareQuery } from '../../data/services/links.ts'
import { showControls } from '../../format/log-body.ts'
import { toPercent, toRate, toText } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import { Amount } from '../../parts/amount.tsx'
import { ErrorMark } from '../../parts/icon.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import type { Side } from './compare.ts'
import { signed } from './drift-table.tsx'
import type { ComparedOperation } from './operations.ts'
import { useOperations } from './use-sides.ts'

/** More than these are read by narrowing the question down to a service. */
const MOST = 50

/** What A and B serve, operation by operation: 95th percentile, its difference, share that fails, rate. */
export function OperationsPanel(props: {
  readonly sides: readonly Side[]
  readonly service: string | undefined
}): ReactElement {
  const { service } = props
  const sides = props.sides.slice(0, 2)
  const { rows, error } = useOperations(sides, service)
  const farthest = Math.max(0, ...(rows ?? []).map(({ differenceS }) => Math.abs(differenceS ?? 0)))
  return (
    <section className="compare-operations" aria-label="By operation" data-operations="">
      <header className="panel-head">
        <h2>By operation</h2>
        <span className="text-3 cut">
          {service === undefined ? 'all services' : showControls(service)}, A {sides[0]?.name} against B{' '}
          {sides[1]?.name}, over the range
        </span>
        <span className="grow" />
        {rows !== undefined && rows.length > MOST ? (
          <span className="text-3">
            the {MOST} farthest apart of {rows.length}
          </span>
        ) : null}
      </header>
      {error === null ? null : <p className="panel-none status-silent">{error.message}</p>}
      {rows === undefined && error === null ? <p className="panel-none">loading operations</p> : null}
      {rows?.length === 0 ? (
        <p className="panel-none">
          {service === undefined ? 'Neither side' : `${showControls(service)} on neither side`} served a request with a
          span in this range.
        </p>
      ) : null}
      {rows === undefined || rows.length === 0 ? null : (
        <div className="table-scroll-both">
          <table className="table">
            <TableHead
              columns={[
                ...(service === undefined ? ['Service'] : []),
                'Operation',
                { number: 'A p95' },
                { number: 'B p95' },
                'Difference',
                { number: 'A fail' },
                { number: 'B fail' },
                { number: 'A rate' },
                { number: 'B rate' },
              ]}
            />
            <tbody>
              {rows.slice(0, MOST).map((row) => (
                <OperationRow key={row.key} row={row} farthest={farthest} withService={service === undefined} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function OperationRow(props: {
  readonly row: ComparedOperation
  readonly farthest: number
  readonly withService: boolean
}): ReactElement {
  const { row, farthest } = props
  const [a, b] = row.sides
  return (
    <tr data-operation={row.name}>
      {props.withService ? <td className="text-2">{showControls(row.service)}</td> : null}
      <td className="operation-name">
        <Link
          className="cut"
          to="/compare"
          search={(before) => ({ ...before, q: compareQuery(row.service, row.name), lang: undefined, key: undefined })}
          title={row.name}
        >
          {showControls(row.name) || 'no name'}
        </Link>
      </td>
      <Cell side={a} face={({ p95S }) => <Amount value={toQuantity(p95S, 'seconds')} />} />
      <Cell side={b} face={({ p95S }) => <Amount value={toQuantity(p95S, 'seconds')} />} />
      <td>
        <DifferenceBar valueS={row.differenceS} farthest={farthest} />
      </td>
      <Cell side={a} face={(one) => <Fails served={one} />} />
      <Cell side={b} face={(one) => <Fails served={one} />} />
      <Cell side={a} face={({ requests }) => <Amount value={toRate(requests)} />} />
      <Cell side={b} face={({ requests }) => <Amount value={toRate(requests)} />} />
    </tr>
  )
}

function Cell(props: {
  readonly side: Served | undefined
  readonly face: (served: Served) => ReactElement
}): ReactElement {
  return (
    <td className="number">
      {props.side === undefined ? (
        <i className="drift-none" role="img" aria-label="not served" />
      ) : (
        props.face(props.side)
      )}
    </td>
  )
}

function Fails({ served }: { readonly served: Served }): ReactElement {
  const isBad = isFailing(served)
  return (
    <span className={isBad ? 'service-failed status-silent' : 'service-failed text-2'}>
      {isBad ? <ErrorMark /> : null}
      <Amount value={toPercent(failShare(served))} />
    </span>
  )
}

/** From the middle to the right where A is slower, to the left where B is. */
function DifferenceBar(props: { readonly valueS: number | undefined; readonly farthest: number }): ReactElement {
  const { valueS, farthest } = props
  if (valueS === undefined) return <span className="text-3">on one side only</span>
  const share = farthest === 0 ? 0 : (50 * Math.abs(valueS)) / farthest
  const place = valueS >= 0 ? { left: '50%' } : { right: '50%' }
  return (
    <span className="difference">
      <span className="difference-bar" aria-hidden="true">
        <i className={valueS >= 0 ? 'difference-more' : 'difference-less'} style={{ width: `${share}%`, ...place }} />
      </span>
      {signed(toText(toQuantity(valueS, 'seconds')), valueS)}
    </span>
  )
}
