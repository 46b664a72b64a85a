import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import {
  type DashboardLink,
  DashboardLinkBuilder,
  MappingType,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { COLLECTORS, type Collector } from './collectors.ts'

/** From a value on, a colour of Grafana's. Below the first stands the colour of text: what is normal has no hue. */
export type Threshold = readonly [from: number, color: 'yellow' | 'orange' | 'red' | 'blue' | 'green']

export interface PanelFacts {
  readonly title: string
  readonly description?: string
  readonly targets: readonly Builder<Dataquery>[]
  /** Of 24 columns. */
  readonly width: number
  /** In rows of about 30 pixels. */
  readonly height?: number
  /** Grafana's id of a unit: `s`, `bytes`, `reqps`, `percentunit`, … */
  readonly unit?: string
  readonly min?: number
  readonly max?: number
  readonly decimals?: number
  readonly thresholds?: readonly Threshold[]
  /** Words for values. */
  readonly words?: Readonly<Record<string, { readonly text: string; readonly color?: string }>>
  readonly needs?: Collector
  /** Where a click on a value leads: `{ title, url }`; the URL in Grafana's notation. */
  readonly links?: readonly { readonly title: string; readonly url: string }[]
}

/** What all panels of the SDK have in common. */
interface AnyPanel<Self> extends Builder<Panel> {
  title(title: string): Self
  description(text: string): Self
  span(width: number): Self
  height(rows: number): Self
  withTarget(target: Builder<Dataquery>): Self
  unit(unit: string): Self
  min(min: number): Self
  max(max: number): Self
  decimals(decimals: number): Self
  noValue(text: string): Self
  mappings(mappings: ValueMapping[]): Self
  thresholds(thresholds: Builder<{ mode: ThresholdsMode; steps: { value: number | null; color: string }[] }>): Self
  dataLinks(links: Builder<DashboardLink>[]): Self
}

export function dress<Self extends AnyPanel<Self>>(panel: Self, facts: PanelFacts, height: number): Self {
  const { title, description, targets, width, unit, min, max, decimals, thresholds, words, needs, links } = facts
  const from = needs === undefined ? undefined : `Needs ${COLLECTORS[needs]}.`
  const about = [description, from].filter((text) => text !== undefined).join(' ')
  panel
    .title(title)
    .span(width)
    .height(facts.height ?? height)
  if (about !== '') panel.description(about)
  panel.noValue(from === undefined ? 'no data' : `No data. ${from}`)
  for (const target of targets) panel.withTarget(target)
  if (unit !== undefined) panel.unit(unit)
  if (min !== undefined) panel.min(min)
  if (max !== undefined) panel.max(max)
  if (decimals !== undefined) panel.decimals(decimals)
  if (words !== undefined) panel.mappings([{ type: MappingType.ValueToText, options: { ...words } }])
  const steps = [{ value: null, color: 'text' }, ...(thresholds ?? []).map(([value, color]) => ({ value, color }))]
  panel.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
  if (links !== undefined) panel.dataLinks(links.map((link) => new DashboardLinkBuilder(link.title).url(link.url)))
  return panel
}
