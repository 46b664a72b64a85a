import type { ReactElement } from 'react'
import type { EdgeFigure } from './map-shapes.tsx'

const STEPS: Readonly<Record<EdgeFigure, readonly [title: string, ...steps: readonly string[]]>> = {
  rate: ['Line width: requests/s', 'below 10', '10', '100', '1 k and more'],
  p95: ['Line width: 95 % within', 'below 50 ms', '50 ms', '500 ms', '2 s and more'],
  errors: ['Line width: failed', 'below 0.1 %', '0.1 %', '1 %', '10 % and more'],
}

/** What widths, bars and colours mean. */
export function MapLegend({ by }: { readonly by: EdgeFigure }): ReactElement {
  const [title, ...steps] = STEPS[by]
  return (
    <footer className="map-legend text-3">
      <span>{title}</span>
      {steps.map((words, index) => (
        <span key={words}>
          <i className="map-legend-line" style={{ height: index + 1 }} /> {words}
        </span>
      ))}
      <span>
        <i className="map-legend-bar" /> share that fails, full bar 25 %
      </span>
      <span>
        <i className="map-legend-line map-legend-failing" /> more than 1 % fail
      </span>
      <span>
        <i className="map-legend-line map-legend-message" /> by message
      </span>
    </footer>
  )
}
