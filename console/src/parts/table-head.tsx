import type { ReactElement, ReactNode } from 'react'

/** The head of a table: a name is a column of words, `{ number: name }` one of numbers. */
export function TableHead(props: {
  readonly columns: readonly (string | { readonly number: ReactNode })[]
}): ReactElement {
  return (
    <thead>
      <tr>
        {props.columns.map((column, index) =>
          typeof column === 'string' ? (
            <th key={index} scope="col">
              {column}
            </th>
          ) : (
            <th key={index} scope="col" className="number">
              {column.number}
            </th>
          ),
        )}
      </tr>
    </thead>
  )
}
