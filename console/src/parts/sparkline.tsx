import type { ReactElement } from 'react'
import { sparklinePath } from './sparkline-path.ts'

const WIDTH = 104
const HEIGHT = 22

/** Zero-based, one hue, a dot at the last value; what is not known is hatched, never drawn as zero. */
export function Sparkline(props: {
  readonly values: readonly (number | null)[]
  /** A CSS colour; grey unless the row has a status. */
  readonly colour: string
  readonly width?: number
  /** One sentence for those who do not see it. */
  readonly summary: string
}): ReactElement {
  const width = props.width ?? WIDTH
  const { line, areas, gaps, last } = sparklinePath(props.values, width, HEIGHT)
  return (
    <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={props.summary}>
      <defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M0 0v6" stroke="var(--hatch)" strokeWidth="1.6" />
        </pattern>
      </defs>
      {gaps.map((gap) => (
        <rect key={gap.x} x={gap.x} y="0" width={gap.width} height={HEIGHT} fill="url(#hatch)" />
      ))}
      <path d={areas} fill={props.colour} opacity=".13" />
      <path d={line} fill="none" stroke={props.colour} strokeWidth="1.25" />
      {last === undefined ? null : <circle cx={last.x} cy={last.y} r="1.7" fill={props.colour} />}
    </svg>
  )
}
