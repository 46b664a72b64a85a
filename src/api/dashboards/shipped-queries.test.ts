import { describe, expect, it } from 'vitest'
import { type Dashboard, SHIPPED_DASHBOARDS } from '../../dashboards/index.ts'
import { NO_FEATURES, parseLogql, parsePromql, parseTraceql, selectorsOf } from '../../query/index.ts'

/** What a panel or a variable asks, with the place for messages. */
interface Query {
  readonly place: string
  readonly kind: string
  readonly text: string
}

interface Target {
  readonly datasource?: { readonly type?: string }
  readonly expr?: string
  readonly query?: string
  readonly queryType?: string
}

function queriesOf({ uid = '', panels = [] }: Dashboard): Query[] {
  return panels.flatMap((panel) => {
    const targets = 'targets' in panel ? ((panel.targets ?? []) as readonly Target[]) : []
    return targets
      .filter(({ queryType }) => queryType !== 'serviceMap')
      .map(({ datasource, expr, query }) => ({
        place: `${uid} / ${panel.title ?? ''}`,
        kind: datasource?.type ?? '',
        text: expr ?? query ?? '',
      }))
  })
}

/** As a reader's choice would fill them in. */
function interpolate(text: string): string {
  return text
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__auto', '1m')
    .replaceAll('$window', '5m')
    .replaceAll(/\$(left|right)/g, 'dev')
    .replaceAll(/\$(environment|cluster)/g, '.+')
    .replaceAll(/\$[a-z]+/g, '.*')
}

const QUERIES = SHIPPED_DASHBOARDS.flatMap(queriesOf)
const of = (type: string): Query[] => QUERIES.filter(({ kind }) => kind === type)

/** Metrics of the hub as a whole; they know no cluster but the one whose edge scrapes the hub. */
const OF_THE_HUB = /^(fleetglass_|process_resident_memory_bytes$|nodejs_eventloop_lag_p99_seconds$)/

describe('the queries of the shipped dashboards', () => {
  it('are all of a language that we know', () => {
    expect(new Set(QUERIES.map(({ kind }) => kind))).toEqual(new Set(['prometheus', 'loki', 'tempo']))
  })

  it.each(of('prometheus'))('parse as PromQL: $place', ({ text }) => {
    parsePromql(interpolate(text), NO_FEATURES)
  })

  it.each(of('loki'))('parse as LogQL: $place', ({ text }) => {
    parseLogql(interpolate(text))
  })

  it.each(of('tempo'))('parse as TraceQL: $place', ({ text }) => {
    parseTraceql(interpolate(text))
  })

  it.each(of('prometheus'))('choose clusters or environments in every selector: $place', ({ text }) => {
    for (const matchers of selectorsOf(parsePromql(interpolate(text), NO_FEATURES))) {
      const name = matchers.find((matcher) => matcher.name === '__name__')?.value ?? ''
      const chosen = matchers.some(({ name: label }) => /^(source_|server_)?(cluster|environment)$/.test(label))
      expect(chosen || OF_THE_HUB.test(name), name).toBe(true)
    }
  })
})

describe('the shipped dashboards', () => {
  it('have titles and uids of their own', () => {
    expect(new Set(SHIPPED_DASHBOARDS.map(({ uid }) => uid)).size).toBe(SHIPPED_DASHBOARDS.length)
    expect(new Set(SHIPPED_DASHBOARDS.map(({ title }) => title)).size).toBe(SHIPPED_DASHBOARDS.length)
  })

  it.each(SHIPPED_DASHBOARDS)('define every variable that they use: $title', (dashboard) => {
    const defined = new Set((dashboard.templating.list ?? []).map(({ name }) => name))
    for (const name of ['metrics', 'logs', 'traces', 'environment', 'cluster', 'window'])
      expect(defined).toContain(name)
    const used = JSON.stringify(dashboard).matchAll(/\$\{?([a-z]+)\}?/g)
    for (const [, name = ''] of used) expect(defined, `$${name}`).toContain(name)
  })

  it.each(SHIPPED_DASHBOARDS)('lay out panels on 24 columns, none over another: $title', ({ panels = [] }) => {
    const taken = new Set<string>()
    for (const { gridPos, title } of panels) {
      if (gridPos === undefined) throw new Error(`'${title ?? ''}' has no place`)
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          const cell = `${String(x)},${String(y)}`
          expect(taken, `${title ?? ''} at ${cell}`).not.toContain(cell)
          taken.add(cell)
        }
      }
    }
  })

  it.each(SHIPPED_DASHBOARDS)('say what a panel without data needs: $title', ({ panels = [] }) => {
    for (const panel of panels) {
      if (panel.type === 'row' || !('fieldConfig' in panel)) continue
      expect(panel.fieldConfig.defaults.noValue, panel.title).toMatch(/^(no data$|No data\. Needs )/)
    }
  })
})
