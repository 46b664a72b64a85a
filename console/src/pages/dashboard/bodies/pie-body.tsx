import type { ReactElement } from 'react'
import { colourIndexes } from '../../../charts/series-colours.ts'
import { swatchOf } from '../../../charts/series-swatch.ts'
import { useElementSize } from '../../../data/element-size.ts'
import type { Panel } from '../../../grafana/dashboard.ts'
import { flagAt, objectAt, textAt, textsAt } from '../../../grafana/json.ts'
import { toPercent, toText } from '../../../format/quantity.ts'
import { showValue, writeShown } from '../cell-value.ts'
import { paintOf } from '../colours.ts'
import { arcPath } from './arcs.ts'
import type { Figure } from './figures.ts'

/** More parts than the palette has: the smallest are one. */
const MOST_PARTS = 10

interface Part {
  readonly name: string
  readonly value: number
  readonly share: number
  readonly from: number
  readonly words: string
  readonly fill: string
}

/** Shares of a whole as a pie or a ring, with a legend of values and shares. What is below zero is no share. */
export function PieBody(props: {
  readonly panel: Panel
  readonly figures: readonly Figure[]
  readonly nowMs: number
}): ReactElement {
  const { ref, width, height } = useElementSize<HTMLDivElement>()
  const options = objectAt(props.panel.json, 'options')
  const legend = objectAt(options, 'legend')
  const parts = partsOf(props.figures, props.nowMs)
  const isRight = legend['placement'] !== 'bottom' && width > 260
  const hasLegend = flagAt(legend, 'showLegend') !== false && legend['displayMode'] !== 'hidden'
  const room = hasLegend ? (isRight ? width * 0.5 : height * 0.62) : height
  const size = Math.max(60, Math.min(isRight ? height : width, room) - 12)
  const inner = textAt(options, 'pieType') === 'donut' ? (size / 2) * 0.62 : 0
  const values = textsAt(legend, 'values')
  const showsValue = values.length === 0 || values.includes('value')
  const showsShare = values.length === 0 || values.includes('percent')
  return (
    <div className={`pie-body ${isRight ? 'pie-right' : 'pie-bottom'}`} ref={ref}>
      <svg
        width={size}
        height={size}
        viewBox={`${-size / 2} ${-size / 2} ${size} ${size}`}
        role="img"
        aria-label={parts.map(({ name, words, share }) => `${name}: ${words}, ${toText(toPercent(share))}`).join('; ')}
      >
        {parts.map((part, at) => (
          <path
            key={at}
            d={arcPath(part.from, part.from + part.share, size / 2, inner)}
            fill={part.fill}
            stroke="var(--surface-sheet)"
          >
            <title>{`${part.name}: ${part.words}, ${toText(toPercent(part.share))}`}</title>
          </path>
        ))}
      </svg>
      {hasLegend ? (
        <table className="pie-legend">
          <tbody>
            {parts.map((part, at) => (
              <tr key={at}>
                <th scope="row" title={part.name}>
                  <i className="swatch" style={{ background: part.fill }} /> <span className="cut">{part.name}</span>
                </th>
                {showsValue ? <td className="number">{part.words}</td> : null}
                {showsShare ? <td className="number text-3">{toText(toPercent(part.share))}</td> : null}
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </div>
  )
}

function partsOf(figures: readonly Figure[], nowMs: number): readonly Part[] {
  const known = figures
    .flatMap((figure) =>
      typeof figure.value === 'number' && figure.value > 0 ? [{ figure, value: figure.value }] : [],
    )
    .sort((a, b) => b.value - a.value)
  const total = known.reduce((sum, { value }) => sum + value, 0)
  const shown = known.length > MOST_PARTS ? known.slice(0, MOST_PARTS - 1) : known
  const rest = known.slice(shown.length)
  const colours = colourIndexes(shown.map(({ figure }) => figure.name))
  let from = 0
  const add = (
    name: string,
    value: number,
    look: { readonly config: Figure['config']; readonly fill: string },
  ): Part => {
    const part = {
      name,
      value,
      share: value / total,
      from,
      words: writeShown(showValue(value, look.config, nowMs)),
      fill: look.fill,
    }
    from += part.share
    return part
  }
  const parts = shown.map(({ figure: { name, config }, value }, at) => {
    const color = objectAt(config, 'color')
    const fixed = color['mode'] === 'fixed' ? paintOf(textAt(color, 'fixedColor')) : undefined
    return add(name, value, { config, fill: fixed ?? swatchOf({ colour: colours[at] ?? 'other' }) })
  })
  const [first] = rest
  if (first === undefined) return parts
  const sum = rest.reduce((before, { value }) => before + value, 0)
  return [...parts, add(`${rest.length} others`, sum, { config: first.figure.config, fill: 'var(--n-7)' })]
}
