import type { ReactElement } from 'react'
import { toPercent, toText } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import type { Bucket } from './buckets.ts'

/** How long requests took: a bar for each bucket, the words of each on its row. */
export function DurationBars({ bars }: { readonly bars: readonly Bucket[] }): ReactElement {
  const most = Math.max(...bars.map(({ share }) => share))
  return (
    <ul className="duration-bars">
      {bars.map(({ fromS, toS, share }) => (
        <li key={toS}>
          <span className="text-3">
            {Number.isFinite(toS)
              ? `to ${toText(toQuantity(toS, 'seconds'))}`
              : `over ${toText(toQuantity(fromS, 'seconds'))}`}
          </span>
          <i>
            <b style={{ width: `${(share / most) * 100}%` }} />
          </i>
          <span className="number">{toText(toPercent(share))}</span>
        </li>
      ))}
    </ul>
  )
}
