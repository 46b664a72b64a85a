import { describe, expect, it } from 'vitest'
import { type Dashboard, readDashboard } from './dashboard.ts'
import { configOf, customOf } from './fields/config.ts'
import { readSeriesStyle } from './fields/series-style.ts'
import { objectAt } from './json.ts'

const onePanel = (panel: Readonly<Record<string, unknown>>): ReturnType<typeof panelsOf>[number] | undefined =>
  panelsOf(readDashboard({ title: 'x', panels: [panel] }))[0]
const panelsOf = (dashboard: Dashboard) => dashboard.rows.flatMap((row) => row.panels)
const configFor = (panel: ReturnType<typeof onePanel>, name: string) =>
  configOf(objectAt(panel?.json ?? {}, 'fieldConfig'), {
    field: { name: 'Value', displayName: name, labels: {}, type: 'number', values: [] },
    refId: 'A',
  })

describe('the second schema', () => {
  const spec = {
    title: 'Second',
    timeSettings: { from: 'now-1h', to: 'now', autoRefresh: '10s' },
    variables: [
      {
        kind: 'QueryVariable',
        spec: {
          name: 'cluster',
          multi: true,
          sort: 'alphabeticalAsc',
          hide: 'dontHide',
          query: { kind: 'DataQuery', group: 'prometheus', spec: { query: 'label_values(up, cluster)' } },
        },
      },
      { kind: 'DatasourceVariable', spec: { name: 'ds', pluginId: 'prometheus' } },
    ],
    elements: {
      'panel-1': {
        kind: 'Panel',
        spec: {
          id: 1,
          title: 'CPU',
          data: {
            kind: 'QueryGroup',
            spec: {
              queries: [
                {
                  kind: 'PanelQuery',
                  spec: { refId: 'A', hidden: false, query: { kind: 'prometheus', spec: { expr: 'up' } } },
                },
                {
                  kind: 'PanelQuery',
                  spec: { refId: 'B', query: { kind: 'DataQuery', group: 'loki', spec: { expr: '{a="b"}' } } },
                },
              ],
              transformations: [{ kind: 'merge', spec: { id: 'merge', options: {} } }],
            },
          },
          vizConfig: {
            kind: 'timeseries',
            spec: { options: { legend: {} }, fieldConfig: { defaults: { unit: 's' }, overrides: [] } },
          },
        },
      },
      'panel-2': {
        kind: 'Panel',
        spec: { id: 2, title: 'Stat', vizConfig: { kind: 'VizConfig', group: 'stat', spec: {} } },
      },
      lib: { kind: 'LibraryPanel', spec: { id: 3, title: 'Lib', libraryPanel: { uid: 'x', name: 'y' } } },
    },
    layout: {
      kind: 'RowsLayout',
      spec: {
        rows: [
          {
            kind: 'RowsLayoutRow',
            spec: {
              title: 'First',
              layout: {
                kind: 'GridLayout',
                spec: {
                  items: [
                    {
                      kind: 'GridLayoutItem',
                      spec: { x: 0, y: 0, width: 8, height: 5, element: { kind: 'ElementReference', name: 'panel-1' } },
                    },
                  ],
                },
              },
            },
          },
          {
            kind: 'RowsLayoutRow',
            spec: {
              title: 'Second',
              collapse: true,
              layout: {
                kind: 'AutoGridLayout',
                spec: {
                  maxColumnCount: 2,
                  items: ['panel-2', 'lib'].map((name) => ({
                    kind: 'AutoGridLayoutItem',
                    spec: { element: { kind: 'ElementReference', name } },
                  })),
                },
              },
            },
          },
        ],
      },
    },
  }

  it('is read like the first', () => {
    const read = readDashboard({
      apiVersion: 'dashboard.grafana.app/v2beta1',
      kind: 'Dashboard',
      metadata: { name: 'abc' },
      spec,
    })
    expect(read).toMatchObject({ uid: 'abc', title: 'Second', from: 'now-1h', refresh: '10s' })
    expect(read.rows.map(({ title, collapsed }) => [title, collapsed])).toEqual([
      ['First', false],
      ['Second', true],
    ])
    const [cpu, stat, lib] = panelsOf(read)
    expect(cpu).toMatchObject({ title: 'CPU', kind: 'timeseries', place: { w: 8, h: 5 } })
    expect(cpu?.targets).toEqual([
      { expr: 'up', refId: 'A', hide: false, datasource: { type: 'prometheus' } },
      { expr: '{a="b"}', refId: 'B', hide: false, datasource: { type: 'loki' } },
    ])
    expect(stat).toMatchObject({ kind: 'stat', place: { x: 0, w: 12 } })
    expect(lib).toMatchObject({ kind: undefined, type: 'library panel', place: { x: 12 } })
    expect(read.variables.map(({ name, kind, query }) => [name, kind, query])).toEqual([
      ['cluster', 'query', 'label_values(up, cluster)'],
      ['ds', 'datasource', 'prometheus'],
    ])
  })

  it('version 1 holds the classic form', () => {
    const document = {
      apiVersion: 'dashboard.grafana.app/v1beta1',
      kind: 'Dashboard',
      spec: { title: 'One', panels: [{ type: 'stat' }] },
    }
    expect(panelsOf(readDashboard(document))).toHaveLength(1)
  })
})

describe('panels of before', () => {
  it('graph: axes, stacks, dashes and fills of single series', () => {
    const panel = onePanel({
      type: 'graph',
      nullPointMode: 'null as zero',
      stack: true,
      fill: 2,
      fieldConfig: { defaults: { custom: {} }, overrides: [] },
      yaxes: [
        { format: 'bytes', logBase: 2, min: '0' },
        { format: 'percent', max: 100 },
      ],
      seriesOverrides: [
        { alias: '/limit/', yaxis: 2, dashes: true, stack: false, fillBelowTo: 'used', fill: 0 },
        { alias: 'hidden', hiddenSeries: true, legend: false },
      ],
      thresholds: [{ value: 90, op: 'gt', colorMode: 'critical', fill: true, line: true }],
    })
    expect(panel?.kind).toBe('timeseries')
    const plain = configFor(panel, 'used')
    expect(plain).toMatchObject({
      unit: 'bytes',
      min: 0,
      custom: { nullAsZero: true, scaleDistribution: { type: 'log', log: 2 }, thresholdsStyle: { mode: 'line+area' } },
    })
    expect(readSeriesStyle(customOf(plain), false)).toMatchObject({
      fill: 0.2,
      stack: { group: 'A', isPercent: false },
      axis: 'left',
    })
    const limit = configFor(panel, 'the limit')
    expect(limit).toMatchObject({ unit: 'percent', max: 100 })
    expect(readSeriesStyle(customOf(limit), false)).toMatchObject({
      axis: 'right',
      fill: 0,
      fillTo: 'used',
      dash: [8, 4],
    })
    expect(readSeriesStyle(customOf(limit), false).stack).toBeUndefined()
  })

  it('graph over series or as a histogram', () => {
    expect(onePanel({ type: 'graph', xaxis: { mode: 'histogram' } })?.kind).toBe('histogram')
    expect(onePanel({ type: 'graph', xaxis: { mode: 'series', values: ['total'] } })?.kind).toBe('barchart')
  })

  it('singlestat with words around it, and ranges as words', () => {
    const panel = onePanel({
      type: 'singlestat',
      format: 'percent',
      prefix: 'about ',
      postfix: ' used',
      mappingType: 2,
      rangeMaps: [{ from: '0', to: '1', text: 'idle' }],
      gauge: { show: false },
      thresholds: '50,80',
      colorValue: true,
      colors: ['green', 'orange', 'red'],
    })
    expect(panel).toMatchObject({
      kind: 'stat',
      json: { options: { affixes: { prefix: 'about ', postfix: ' used' } } },
    })
    expect(configFor(panel, 'x')).toMatchObject({
      unit: 'percent',
      mappings: [{ type: 2, text: 'idle' }],
      thresholds: { steps: [{ value: null }, { value: 50 }, { value: 80 }] },
    })
  })

  it('tables with styles', () => {
    const panel = onePanel({
      type: 'table',
      transform: 'timeseries_aggregations',
      columns: [{ value: 'avg' }, { value: 'current' }],
      styles: [
        { pattern: 'Time', type: 'hidden' },
        {
          pattern: '/Value.*/',
          alias: 'Used',
          type: 'number',
          unit: 'bytes',
          thresholds: ['1', '2'],
          colorMode: 'cell',
          colors: ['a', 'b', 'c'],
        },
        { pattern: '/.*/', type: 'number', unit: 'short' },
      ],
    })
    expect(panel?.json['transformations']).toEqual([{ id: 'reduce', options: { reducers: ['avg', 'current'] } }])
    expect(configFor(panel, 'Value #A')).toMatchObject({
      displayName: 'Used',
      unit: 'bytes',
      custom: { cellOptions: { type: 'color-background' } },
    })
    expect(configFor(panel, 'Time')).toMatchObject({ custom: { hidden: true }, unit: 'short' })
  })

  it('the pie chart of a plugin', () => {
    const panel = onePanel({
      type: 'grafana-piechart-panel',
      pieType: 'donut',
      legendType: 'Right side',
      format: 'bytes',
      aliasColors: { a: '#123456' },
    })
    expect(panel).toMatchObject({
      kind: 'piechart',
      json: { options: { pieType: 'donut', legend: { placement: 'right' } } },
    })
    expect(configFor(panel, 'a')).toMatchObject({ unit: 'bytes', color: { fixedColor: '#123456' } })
  })

  it('a panel that shows what another one asks', () => {
    const read = readDashboard({
      title: 'x',
      panels: [
        { id: 1, type: 'timeseries', targets: [{ refId: 'A', expr: 'up' }], datasource: { type: 'prometheus' } },
        { id: 2, type: 'stat', datasource: { uid: '-- Dashboard --' }, targets: [{ refId: 'A', panelId: 1 }] },
      ],
    })
    expect(panelsOf(read)[1]?.targets).toEqual([{ refId: 'A', expr: 'up' }])
  })

  it('inputs of an export are variables that nobody chooses', () => {
    const { variables } = readDashboard({
      title: 'x',
      __inputs: [
        { name: 'DS_LOKI', type: 'datasource', pluginId: 'loki' },
        { name: 'VAR_JOB', type: 'constant', value: 'node' },
      ],
      panels: [],
    })
    expect(variables.map(({ name, kind, query, hide }) => [name, kind, query, hide])).toEqual([
      ['DS_LOKI', 'datasource', 'loki', 'whole'],
      ['VAR_JOB', 'constant', 'node', 'whole'],
    ])
  })

  it('whatever stands in a document, reading it does not fail otherwise than with a reason', () => {
    for (const strange of [
      null,
      3,
      'x',
      [],
      {},
      { type: 3 },
      { type: 'constructor' },
      { gridPos: 'x', targets: {}, fieldConfig: [], options: 1 },
    ]) {
      const read = readDashboard({
        title: 'x',
        panels: [
          strange,
          { type: 'graph', yaxes: strange, seriesOverrides: [strange] },
          { type: 'table', styles: [strange] },
        ],
        templating: strange,
        annotations: strange,
      })
      expect(panelsOf(read).length).toBeGreaterThan(0)
    }
  })
})
