import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { NoDashboard, readDashboard } from './dashboard.ts'

const SAMPLES = fileURLToPath(new URL('../../../../shared/data/dashboards/', import.meta.url))
const samples = existsSync(SAMPLES) ? readdirSync(SAMPLES).filter((name) => name.endsWith('.json')) : []

describe('dashboards of others', () => {
  it.skipIf(samples.length === 0)('are read whole: no panel is lost, each has a kind, a place and queries', () => {
    for (const name of samples) {
      const json = JSON.parse(readFileSync(SAMPLES + name, 'utf8')) as {
        panels: { type: string; panels?: unknown[] }[]
      }
      const dashboard = readDashboard(json)
      const panels = dashboard.rows.flatMap((row) => row.panels)
      const expected = json.panels.filter(({ type }) => type !== 'row').length
      const inRows = json.panels.reduce((sum, { panels: inner = [] }) => sum + inner.length, 0)
      expect(panels.length, name).toBe(expected + inRows)
      for (const panel of panels) {
        expect(panel.kind, `${name}: ${panel.type}`).toBeDefined()
        expect(panel.place.x + panel.place.w).toBeLessThanOrEqual(24)
        expect(panel.targets.length, `${name}: ${panel.title}`).toBeGreaterThan(0)
      }
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
      for (const { name: variable, kind } of dashboard.variables) expect(kind, variable).toBeDefined()
    }
  })
})

describe('readDashboard', () => {
  it('says what is no dashboard', () => {
    expect(() => readDashboard([])).toThrow(NoDashboard)
    expect(() => readDashboard({ panels: [] })).toThrow('It has no title')
    expect(() => readDashboard({ spec: { elements: {} } })).toThrow('It has no title')
  })

  it('takes what Grafana shares and what it keeps', () => {
    expect(readDashboard({ dashboard: { title: 'a' }, meta: {} }).title).toBe('a')
  })

  it('puts panels below the heading that stands above them', () => {
    const { rows } = readDashboard({
      title: 'a',
      panels: [
        { id: 1, type: 'stat', title: 'first', gridPos: { x: 0, y: 0, w: 6, h: 4 } },
        { id: 3, type: 'timeseries', title: 'second', gridPos: { x: 0, y: 5, w: 12, h: 8 } },
        { id: 2, type: 'row', title: 'Heading', gridPos: { x: 0, y: 4, w: 24, h: 1 } },
        {
          id: 4,
          type: 'row',
          title: 'Closed',
          collapsed: true,
          gridPos: { x: 0, y: 13, w: 24, h: 1 },
          panels: [{ id: 5, type: 'text' }],
        },
      ],
    })
    expect(rows.map(({ title, collapsed, panels }) => [title, collapsed, panels.map(({ id }) => id)])).toEqual([
      ['', false, [1]],
      ['Heading', false, [3]],
      ['Closed', true, [5]],
    ])
  })

  it('places the panels of old rows by their spans', () => {
    const { rows } = readDashboard({
      title: 'a',
      rows: [
        {
          title: 'One',
          height: '304px',
          panels: [
            { span: 6, type: 'graph' },
            { span: 6, type: 'graph' },
            { span: 12, type: 'singlestat' },
          ],
        },
        { title: 'Two', collapse: true, showTitle: true, panels: [{ span: 4, type: 'text' }] },
      ],
    })
    expect(rows[0]?.panels.map(({ place, kind }) => [kind, place.x, place.y, place.w, place.h])).toEqual([
      ['timeseries', 0, 0, 12, 8],
      ['timeseries', 12, 0, 12, 8],
      ['stat', 0, 8, 24, 8],
    ])
    expect(rows[1]?.collapsed).toBe(true)
  })

  it('gives panels without an id, or with another one’s, one of their own', () => {
    const { rows } = readDashboard({
      title: 'a',
      panels: [{ id: 1, type: 'stat' }, { id: 1, type: 'stat' }, { type: 'stat' }],
    })
    expect(rows[0]?.panels.map(({ id }) => id)).toEqual([1, 2, 3])
  })

  it('brings graphs of old to the form of today', () => {
    const { rows } = readDashboard({
      title: 'a',
      panels: [
        {
          type: 'graph',
          stack: true,
          fill: 3,
          nullPointMode: 'connected',
          yaxes: [{ format: 'bytes', min: '0', logBase: 1 }, {}],
          legend: { show: true, alignAsTable: true, avg: true, current: true },
          thresholds: [{ value: 80, colorMode: 'critical', op: 'gt' }],
          seriesOverrides: [{ alias: '/tx/', transform: 'negative-Y' }],
          aliasColors: { errors: '#E24D42' },
        },
      ],
    })
    const panel = rows[0]?.panels[0]
    expect(panel?.kind).toBe('timeseries')
    expect(panel?.json).toMatchObject({
      options: { legend: { displayMode: 'table', calcs: ['avg', 'current'] } },
      fieldConfig: {
        defaults: {
          unit: 'bytes',
          min: 0,
          custom: { fillOpacity: 30, stacking: { mode: 'normal' }, spanNulls: true },
          thresholds: { steps: [{ value: null }, { value: 80, color: 'red' }] },
        },
        overrides: [
          { matcher: { id: 'byName', options: 'errors' } },
          {
            matcher: { id: 'byRegexp', options: '/tx/' },
            properties: [{ id: 'custom.transform', value: 'negative-Y' }],
          },
        ],
      },
    })
  })

  it('names a kind of panel that it does not know', () => {
    const panel = readDashboard({ title: 'a', panels: [{ type: 'geomap', title: 'Map' }] }).rows[0]?.panels[0]
    expect([panel?.kind, panel?.type]).toEqual([undefined, 'geomap'])
  })

  it('reads every kind of variable', () => {
    const { variables } = readDashboard({
      title: 'a',
      templating: {
        list: [
          {
            name: 'q',
            type: 'query',
            query: { query: 'label_values(up, job)', refId: 'x' },
            datasource: 'Prom',
            multi: true,
            includeAll: true,
            allValue: '',
            current: { text: ['All'], value: ['$__all'] },
          },
          { name: 'l', type: 'query', query: { label: 'app', stream: '{a="b"}', type: 1 } },
          { name: 'c', type: 'custom', query: String.raw`1m, a\, b, five : 5` },
          { name: 'i', type: 'interval', query: '1m,5m', auto: true, auto_count: 20, auto_min: '15s' },
          { name: 'x', type: 'snapshot' },
        ],
      },
    })
    const [query, loki, custom, interval, unknown] = variables
    expect(query).toMatchObject({
      query: 'label_values(up, job)',
      allValue: undefined,
      datasource: { uid: 'Prom' },
      current: { values: ['$__all'] },
    })
    expect(loki?.query).toBe('label_values({a="b"}, app)')
    expect(custom?.options).toEqual([
      { text: '1m', value: '1m' },
      { text: 'a, b', value: 'a, b' },
      { text: 'five', value: '5' },
    ])
    expect(interval).toMatchObject({ auto: { steps: 20, least: '15s' }, options: [{ value: '1m' }, { value: '5m' }] })
    expect(unknown?.kind).toBeUndefined()
  })
})
