import type { ReactElement } from 'react'

const ID = 'hatch'

/** How SVG areas refer to the pattern below. */
export const HATCH_FILL = `url(#${ID})`

/** The hatch for SVG, once for the whole page: the pattern of a hidden drawing fills nothing. */
export function HatchPattern(): ReactElement {
  return (
    <svg className="hidden" aria-hidden="true">
      <defs>
        <pattern id={ID} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M0 0v6" stroke="var(--hatch)" strokeWidth="1.6" />
        </pattern>
      </defs>
    </svg>
  )
}
