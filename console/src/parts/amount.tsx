import type { ReactElement } from 'react'
import type { Quantity } from '../format/quantity.ts'

/** Digits in the colour of their place, the unit smaller and quieter, so that digits carry. */
export function Amount({ value }: { readonly value: Quantity }): ReactElement {
  return (
    <span className="amount">
      {value.digits}
      {value.unit === '' ? null : <span className="unit">{value.unit}</span>}
    </span>
  )
}
