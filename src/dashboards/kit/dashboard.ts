import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { standardVariables } from './variables.ts'

/** Panels under one heading; without a title they stand at the top. */
export interface Section {
  readonly title?: string
  readonly panels: readonly Builder<Panel>[]
}

export interface DashboardFacts {
  /** What the URL holds: never changed after a release. */
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly tags?: readonly string[]
  /** Behind the standard ones. */
  readonly variables?: readonly Builder<VariableModel>[]
  readonly from?: string
  readonly sections: readonly Section[]
}

const TAG = 'fleetglass'

/** A shipped dashboard in Grafana's JSON. All of them link to each other and share variables and time. */
export function defineDashboard(facts: DashboardFacts): Dashboard {
  const builder = new DashboardBuilder(facts.title)
    .uid(facts.uid)
    .description(facts.description)
    .tags([TAG, ...(facts.tags ?? [])])
    .time({ from: facts.from ?? 'now-1h', to: 'now' })
    .refresh('30s')
    .timezone('utc')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Fleetglass dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
  for (const variable of [...standardVariables(), ...(facts.variables ?? [])]) builder.withVariable(variable)
  for (const { title, panels } of facts.sections) {
    if (title !== undefined) builder.withRow(new RowBuilder(title))
    for (const panel of panels) builder.withPanel(panel)
  }
  return builder.build()
}
