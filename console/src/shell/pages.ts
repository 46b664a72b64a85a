import type { IconName } from '../parts/icon.tsx'

/** The pages of the console, in the order of the rail and with the letter that follows G. Only what exists is here. */
export const PAGES = [
  { path: '/', name: 'Fleet', icon: 'fleet', key: 'f', inRail: true },
  { path: '/explore/metrics', name: 'Explore metrics', icon: 'metrics', key: 'e', inRail: true, railName: 'Explore' },
  { path: '/explore/logs', name: 'Explore logs', icon: 'logs', key: 'l', inRail: false },
  { path: '/explore/traces', name: 'Explore traces', icon: 'traces', key: 't', inRail: false },
  { path: '/map', name: 'Service map', icon: 'map', key: 'm', inRail: true, railName: 'Map' },
  { path: '/compare', name: 'Compare', icon: 'compare', key: 'c', inRail: true },
  { path: '/dashboards', name: 'Dashboards', icon: 'dashboards', key: 'd', inRail: true },
] as const satisfies readonly {
  readonly path: string
  readonly name: string
  readonly icon: IconName
  readonly key: string
  readonly inRail: boolean
  readonly railName?: string
}[]
