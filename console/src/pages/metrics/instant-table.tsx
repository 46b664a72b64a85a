import type { ReactElement } from 'react'
import type { InstantAnswer } from '../../data/prometheus/client.ts'
import { writeLabels } from '../../data/prometheus/series-name.ts'

const ROWS = 1_000

/** The answer of an instant query: a column for each label that tells the rows apart, the value as the API wrote it. */
export function InstantTable({
  letter,
  answer,
}: {
  readonly letter: string
  readonly answer: InstantAnswer
}): ReactElement {
  const labels = [...new Set(answer.rows.flatMap((row) => Object.keys(row.labels)))].sort(
    (a, b) => Number(b === '__name__') - Number(a === '__name__') || a.localeCompare(b),
  )
  return (
    <>
      <h2 className="panel-head">
        <span className="panel-letter">{letter}</span> {answer.rows.length} rows
        {answer.rows.length > ROWS ? <span className="text-3">the first {ROWS} are shown</span> : null}
      </h2>
      <table className="table">
        <thead>
          <tr>
            {labels.map((label) => (
              <th key={label} scope="col">
                {label === '__name__' ? 'name' : label}
              </th>
            ))}
            <th scope="col" className="number">
              Value
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.rows.slice(0, ROWS).map((row) => (
            <tr key={writeLabels(row.labels)}>
              {labels.map((label) => (
                <td key={label}>{row.labels[label] ?? ''}</td>
              ))}
              <td className="number">{row.value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
