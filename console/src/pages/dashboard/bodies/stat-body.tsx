import type { CSSProperties, ReactElement } from 'react'
import type { Panel } from '../../../grafana/dashboard.ts'
import { objectAt, textAt } from '../../../grafana/json.ts'
import { Sparkline } from '../../../parts/sparkline.tsx'
import { type Shown, showValue, writeShown } from '../cell-value.ts'
import { linkOf, type LinkContext } from '../links.ts'
import { type Figure, MOST_FIGURES } from './figures.ts'

/** Beyond so many characters a value is words, not a figure. */
const LONG = 12

/** One figure a series; coloured only past a threshold. */
export function StatBody(props: {
  readonly panel: Panel
  readonly figures: readonly Figure[]
  readonly nowMs: number
  readonly links: LinkContext
}): ReactElement {
  const options = objectAt(props.panel.json, 'options')
  const mode = textAt(options, 'textMode') ?? 'auto'
  const affixes = objectAt(options, 'affixes')
  const isBackground = (textAt(options, 'colorMode') ?? '').startsWith('background')
  const isPlain = textAt(options, 'colorMode') === 'none'
  const hasGraph = textAt(options, 'graphMode') === 'area'
  const left = props.figures.length - MOST_FIGURES
  return (
    <ul className="stat-body">
      {props.figures.slice(0, MOST_FIGURES).map((figure, at) => {
        const own = showValue(figure.value, figure.config, props.nowMs)
        const shown = isPlain ? { ...own, colour: undefined } : own
        const hasName = mode === 'auto' ? props.figures.length > 1 : mode !== 'value' && mode !== 'none'
        const value = mode === 'name' || mode === 'none' ? undefined : shown
        const link = linkOf(figure.config, props.links, {
          name: figure.name,
          labels: figure.labels,
          value: figure.value,
        })
        return (
          <li
            key={at}
            className={isBackground && shown.colour !== undefined ? 'stat-figure stat-tinted' : 'stat-figure'}
            style={tintOf(isBackground, shown)}
          >
            {hasName ? (
              <span className="label cut" title={figure.name}>
                {figure.name}
              </span>
            ) : null}
            {value === undefined ? null : (
              <Value
                shown={value}
                prefix={textAt(affixes, 'prefix') ?? ''}
                postfix={textAt(affixes, 'postfix') ?? ''}
                href={link}
              />
            )}
            {hasGraph && figure.history.length > 1 ? (
              <Sparkline
                values={figure.history}
                colour={shown.colour ?? 'var(--n-7)'}
                summary={`${figure.name} over time`}
              />
            ) : null}
          </li>
        )
      })}
      {left > 0 ? <li className="text-3">{left} more</li> : null}
    </ul>
  )
}

function tintOf(isBackground: boolean, { colour }: Shown): CSSProperties | undefined {
  return isBackground && colour !== undefined ? { borderColor: colour } : undefined
}

function Value(props: {
  readonly shown: Shown
  readonly prefix: string
  readonly postfix: string
  readonly href: string | undefined
}): ReactElement {
  const { digits, unit, colour } = props.shown
  const whole = `${props.prefix}${writeShown(props.shown)}${props.postfix}`
  const face = (
    <>
      {props.prefix}
      {digits}
      {unit === '' ? null : <span className="unit">{unit}</span>}
      {props.postfix}
    </>
  )
  return (
    <b
      className={whole.length > LONG ? 'stat-words' : ''}
      title={whole}
      style={colour === undefined ? undefined : { color: colour }}
    >
      {props.href === undefined ? face : <a href={props.href}>{face}</a>}
    </b>
  )
}
