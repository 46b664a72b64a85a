import { type ReactElement, useMemo } from 'react'
import { sumOperations, type TraceTree } from '../../data/trace/tree.ts'
import { showControls } from '../../format/log-body.ts'
import { toText } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'

/** Where the time went, in numbers. */
export function OperationsTable({ tree }: { readonly tree: TraceTree }): ReactElement {
  const operations = useMemo(() => sumOperations(tree.nodes), [tree])
  const time = (ms: number): string => toText(toQuantity(ms / 1_000, 'seconds'))
  return (
    <div className="table-scroll-both">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Operation</th>
            <th scope="col" className="number">
              Spans
            </th>
            <th scope="col" className="number">
              Failed
            </th>
            <th scope="col" className="number">
              On the critical path
            </th>
            <th scope="col" className="number">
              Itself
            </th>
            <th scope="col" className="number">
              Total
            </th>
          </tr>
        </thead>
        <tbody>
          {operations.slice(0, 1_000).map((one) => (
            <tr key={`${one.service}\n${one.name}`}>
              <td className="text-2">{showControls(one.service)}</td>
              <td>{showControls(one.name)}</td>
              <td className="number">{one.count}</td>
              <td className={`number ${one.errors > 0 ? 'status-silent' : 'text-3'}`}>{one.errors}</td>
              <td className="number">{time(one.criticalMs)}</td>
              <td className="number">{time(one.selfMs)}</td>
              <td className="number">{time(one.totalMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
