import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { type Panel, readDashboard } from '../../../grafana/dashboard.ts'
import type { Field, Frame } from '../../../grafana/frame.ts'
import type { PanelData } from '../panel-data.ts'
import { BarChartBody } from './bar-chart-body.tsx'
import { BarsBody } from './bars-body.tsx'
import { figuresOf } from './figures.ts'
import { GaugeBody } from './gauge-body.tsx'
import { HistogramBody } from './histogram-body.tsx'
import { NodesBody } from './nodes-body.tsx'
import { PieBody } from './pie-body.tsx'
import { StatBody } from './stat-body.tsx'
import { StatesBody } from './states-body.tsx'
import { TableBody } from './table-body.tsx'

const HOSTILE = '<img src=x onerror=alert(1)>"\'&'
const GRID = { startS: 0, endS: 30, stepS: 10 }
const LINKS = { variables: new Map(), fromMs: 0, toMs: 1, from: 'now-1h', to: 'now' }

const time: Field = { name: 'Time', labels: {}, type: 'time', values: [0, 10_000, 20_000, 30_000] }
const number = (name: string, values: (number | null)[], labels = {}): Field => ({
  name,
  labels,
  displayName: name,
  type: 'number',
  values,
})
const series = (name: string, values: (number | null)[]): Frame => ({
  refId: 'A',
  name,
  fields: [time, number(name, values)],
})
const TABLE: Frame = {
  refId: 'A',
  fields: [{ name: 'pod', labels: {}, type: 'string', values: ['a', HOSTILE, null] }, number('Value', [1, null, 3])],
}
const FRAMES = [
  series('up', [1, 1, null, 0]),
  series(HOSTILE, [2, Number.NaN, 3, 4]),
  series('none', [null, null, null, null]),
]

const panelOf = (type: string, more: Readonly<Record<string, unknown>> = {}): Panel => {
  const panel = readDashboard({ title: 'x', panels: [{ type, title: HOSTILE, ...more }] }).rows[0]?.panels[0]
  if (panel === undefined) throw new Error('no panel')
  return panel
}
const dataOf = (frames: readonly Frame[]): PanelData => ({
  frames,
  grid: GRID,
  interval: { fromMs: 0, toMs: 30_000 },
  series: [],
  logs: [],
  traces: [],
  services: [],
  exemplars: [],
  raw: {},
  warnings: [],
  unknown: [],
})
const LOOK = { zone: 'utc', nowMs: 60_000 } as const

const BODIES = {
  stat: (
    frames: readonly Frame[],
    panel = panelOf('stat', { options: { graphMode: 'area', colorMode: 'background' } }),
  ) => createElement(StatBody, { panel, figures: figuresOf(panel, frames), nowMs: 60_000, links: LINKS }),
  gauge: (frames: readonly Frame[], panel = panelOf('gauge', { options: { showThresholdLabels: true } })) =>
    createElement(GaugeBody, { panel, figures: figuresOf(panel, frames), nowMs: 60_000 }),
  bargauge: (frames: readonly Frame[]) =>
    createElement(BarsBody, { figures: figuresOf(panelOf('bargauge'), frames), nowMs: 60_000 }),
  piechart: (frames: readonly Frame[], panel = panelOf('piechart')) =>
    createElement(PieBody, { panel, figures: figuresOf(panel, frames), nowMs: 60_000 }),
  barchart: (frames: readonly Frame[]) => createElement(BarChartBody, { panel: panelOf('barchart'), frames, ...LOOK }),
  histogram: (frames: readonly Frame[]) =>
    createElement(HistogramBody, { panel: panelOf('histogram'), data: dataOf(frames) }),
  'state-timeline': (frames: readonly Frame[]) =>
    createElement(StatesBody, { panel: panelOf('state-timeline'), data: dataOf(frames), ...LOOK }),
  'status-history': (frames: readonly Frame[]) =>
    createElement(StatesBody, { panel: panelOf('status-history'), data: dataOf(frames), ...LOOK }),
  table: (frames: readonly Frame[]) =>
    createElement(TableBody, {
      panel: panelOf('table', { options: { footer: { show: true } } }),
      frames,
      ...LOOK,
      links: LINKS,
    }),
  nodeGraph: (frames: readonly Frame[]) => createElement(NodesBody, { data: dataOf(frames) }),
}

describe.each(Object.entries(BODIES))('a panel of the kind %s', (_kind, body) => {
  it.each([
    ['series', FRAMES],
    ['a table', [TABLE]],
    ['nothing', []],
    ['an empty frame', [{ refId: 'A', fields: [] }]],
  ] as const)('shows %s as text', (_what, frames) => {
    expect(renderToStaticMarkup(body(frames))).not.toContain('<img')
  })
})

describe('figures', () => {
  it('say what they are, with thresholds, words and links', () => {
    const panel = panelOf('stat', {
      fieldConfig: {
        defaults: {
          unit: 's',
          mappings: [{ type: 'value', options: { 4: { text: 'four' } } }],
          links: [{ title: 'x', url: 'https://e.example/${__field.name}' }],
          thresholds: {
            mode: 'absolute',
            steps: [
              { value: null, color: 'green' },
              { value: 4, color: 'red' },
            ],
          },
        },
      },
    })
    const text = renderToStaticMarkup(BODIES.stat([series('a', [1, 2, 3, 4]), series('b', [1, 2, 3, 2])], panel))
    expect(text).toContain('four')
    expect(text).toContain('href="https://e.example/a"')
    expect(text).toContain('2<span class="unit">s</span>')
    expect(text.match(/status-silent/g)).toHaveLength(1)
  })

  it.each([
    [{ mode: 'thresholds' }, true],
    [{ mode: 'fixed', fixedColor: 'text' }, false],
    [{ mode: 'fixed', fixedColor: 'red' }, true],
    [{ mode: 'palette-classic' }, false],
    [{ mode: 'continuous-GrYlRd' }, true],
    [{ mode: 'continuous-RdYlGr' }, false],
    [undefined, true],
  ])('have the colour of their scheme: %j', (color, isRed) => {
    const steps = [
      { value: null, color: 'green' },
      { value: 80, color: 'red' },
    ]
    const panel = panelOf('stat', {
      fieldConfig: { defaults: { max: 100, color, thresholds: { mode: 'absolute', steps } } },
    })
    const text = renderToStaticMarkup(BODIES.stat([series('a', [90])], panel))
    expect(text.includes('status-silent')).toBe(isRed)
  })

  it('have no colour where the panel wants none: every panel has thresholds', () => {
    const steps = [
      { value: null, color: 'green' },
      { value: 2, color: 'red' },
    ]
    const look = (custom: object) => ({
      fieldConfig: { defaults: { custom, thresholds: { mode: 'absolute', steps } } },
    })
    const isRed = (custom: object): boolean => {
      const panel = panelOf('table', look(custom))
      const props = { panel, frames: [TABLE], ...LOOK, links: LINKS }
      return renderToStaticMarkup(createElement(TableBody, props)).includes('status-silent')
    }
    expect(isRed({})).toBe(false)
    expect(isRed({ cellOptions: { type: 'color-text' } })).toBe(true)
    expect(isRed({ displayMode: 'color-background-solid' })).toBe(true)
    const stat = panelOf('stat', { ...look({}), options: { colorMode: 'none' } })
    expect(renderToStaticMarkup(BODIES.stat([series('a', [90])], stat))).not.toContain('status-silent')
  })

  it('are parts of a whole, and the smallest are one', () => {
    const many = Array.from({ length: 14 }, (_, at) => series(`s${at}`, [at + 1]))
    const text = renderToStaticMarkup(BODIES.piechart(many))
    expect(text).toContain('5 others')
    expect(text).toContain('13.3')
  })
})
