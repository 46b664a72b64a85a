import type { ReactElement } from 'react'
import { HATCH_FILL } from './hatch.tsx'
import { sparklinePath } from './sparkline-path.ts'

/** Zero-based, one hue, a dot at the last value; what is not known is hatched, never drawn as zero. */
export function Sparkline(props: {
  readonly values: readonly (number | null)[]
  /** A CSS colour; grey unless the row has a status. */
  readonly colour: string
  readonly width?: number
  readonly height?: number
  /** One sentence for those who do not see it. */
  readonly summary: string
}): ReactElement {
  const { values, colour, width = 104, height = 22 } = props
  const { line, areas, gaps, last } = sparklinePath(values, width, height)
  return (
    <svg
      className="sparkline"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={props.summary}
    >
      {gaps.map((gap) => (
        <rect key={gap.x} x={gap.x} y="0" width={gap.width} height={height} fill={HATCH_FILL} />
      ))}
      <path d={areas} fill={colour} opacity=".13" />
      <path d={line} fill="none" stroke={colour} strokeWidth="1.25" />
      {last === undefined ? null : <circle cx={last.x} cy={last.y} r="1.7" fill={colour} />}
    </svg>
  )
}
