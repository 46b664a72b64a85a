import type { ReactElement } from 'react'
import { Select } from '../../../parts/controls.tsx'

const COLORS = ['text', 'green', 'yellow', 'orange', 'red', 'blue', 'purple', 'transparent'] as const

/** One of Grafana's names of colours; another, such as a number, stays among the choices. */
export function ColourSelect(props: {
  readonly label: string
  readonly value: string
  readonly onChange: (colour: string) => void
}): ReactElement {
  return (
    <Select
      label={props.label}
      word={props.label}
      value={props.value}
      options={[...new Set([...COLORS, props.value])].map((value) => ({ value, words: value === '' ? 'none' : value }))}
      onChange={props.onChange}
    />
  )
}
