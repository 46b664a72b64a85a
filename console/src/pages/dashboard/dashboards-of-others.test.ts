import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parser } from '@prometheus-io/lezer-promql'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Dashboard, readDashboard } from '../../grafana/dashboard.ts'
import { fillPanel } from '../../grafana/fill-panel.ts'
import { layOut, type PlacedPanel } from '../../grafana/layout.ts'
import { chooseValues, toVariable } from '../../grafana/variables/choice.ts'
import type { Variable } from '../../grafana/variables/interpolate.ts'
import { inRounds } from '../../grafana/variables/order.ts'
import { BarsBody } from './bodies/bars-body.tsx'
import { figuresOf } from './bodies/figures.ts'
import { GaugeBody } from './bodies/gauge-body.tsx'
import { PieBody } from './bodies/pie-body.tsx'
import { seriesModelOf } from './bodies/series-model.ts'
import { StatBody } from './bodies/stat-body.tsx'
import { StatesBody } from './bodies/states-body.tsx'
import { TableBody } from './bodies/table-body.tsx'
import { fetchPanel, type PanelData } from './panel-data.ts'
import { type PanelQuestion, questionOf } from './panel-question.ts'
import { answerAsHub } from './testing/answer-as-hub.ts'
import { fetchOptions } from './variable-options.ts'

const OWN = fileURLToPath(new URL('../../grafana/testdata/', import.meta.url))
/** Read-only material beside the repository; where it is absent, only our own is read. */
const SHARED = fileURLToPath(new URL('../../../../../shared/data/dashboards/', import.meta.url))
const files = [OWN, SHARED].flatMap((dir) =>
  existsSync(dir)
    ? readdirSync(dir)
        .filter((name) => name.endsWith('.json'))
        .map((name) => [name, `${dir}${name}`] as const)
    : [],
)

const NOW = Date.parse('2026-11-20T03:12:20Z')
const interval = { fromMs: NOW - 3_600_000, toMs: NOW }
/** A signal each: no test waits for another's. */
const caller = () => ({ signal: new AbortController().signal, tenant: undefined })
/** Kinds that ask no data source. */
const STILL = new Set(['alertlist', 'dashlist', 'text', undefined])

async function variablesOf({ variables: definitions }: Dashboard): Promise<ReadonlyMap<string, Variable>> {
  const variables = new Map<string, Variable>()
  for (const round of inRounds(definitions)) {
    for (const definition of round) {
      const options = await fetchOptions(definition, { variables, definitions, interval, caller: caller() })
      variables.set(definition.name, toVariable(definition, options, chooseValues(definition, options, undefined)))
    }
  }
  return variables
}

interface Asked {
  readonly placed: PlacedPanel
  readonly question: PanelQuestion
}

async function askedOf(file: string): Promise<{ readonly dashboard: Dashboard; readonly asked: readonly Asked[] }> {
  const dashboard = readDashboard(JSON.parse(readFileSync(file, 'utf8')) as unknown)
  const variables = await variablesOf(dashboard)
  const asked = layOut(dashboard, variables).flatMap((row) =>
    row.panels.map((one) => {
      const placed = { ...one, panel: fillPanel(one.panel, one.variables) }
      const context = {
        variables: one.variables,
        definitions: dashboard.variables,
        interval,
        isLive: true,
        title: dashboard.title,
        uid: dashboard.uid,
        width: 600,
      }
      return { placed, question: questionOf(placed.panel, context) }
    }),
  )
  return { dashboard, asked }
}

beforeAll(() => {
  vi.stubGlobal('fetch', answerAsHub)
})
afterAll(() => {
  vi.unstubAllGlobals()
})

describe.each(files)('%s', (_name, file) => {
  it('asks with every panel, or the panel says why not', async () => {
    const { asked } = await askedOf(file)
    expect(asked.length).toBeGreaterThan(4)
    for (const { placed, question } of asked) {
      const { panel } = placed
      const isNamed = STILL.has(panel.kind) || question.unknown.length > 0 || panel.targets.length === 0
      expect(question.questions.length > 0 || isNamed, `${panel.title}: ${panel.type}`).toBe(true)
    }
  })

  it('leaves no variable in a query, and each is one', async () => {
    const { asked } = await askedOf(file)
    for (const { placed, question } of asked) {
      for (const { query, source, legend } of question.questions) {
        expect(query, placed.panel.title).not.toMatch(/\$\{|\$[a-zA-Z_]|\[\[/)
        expect(legend, placed.panel.title).not.toMatch(/\$\{|\$[a-zA-Z_]|\[\[/)
        if (source === 'metrics') expect(errorsIn(query), `${placed.panel.title}: ${query}`).toBe(0)
      }
    }
  })

  it('shows what is answered', async () => {
    const { asked } = await askedOf(file)
    for (const { placed, question } of asked) {
      if (question.questions.length === 0) continue
      const data = await fetchPanel(question, caller())
      const words = `${placed.panel.title}: ${placed.panel.type}`
      expect(data.warnings, words).toEqual([])
      expect(
        data.unknown.filter((name) => name.startsWith('transformation')),
        words,
      ).toEqual([])
      expect(
        [data.frames, data.logs, data.traces, data.services].some((list) => list.length > 0),
        words,
      ).toBe(true)
      expect(textOf(placed, data), words).not.toBe('')
    }
  }, 20_000)
})

function errorsIn(query: string): number {
  let errors = 0
  parser.parse(query).iterate({
    enter: ({ type }) => {
      if (type.isError) errors += 1
    },
  })
  return errors
}

/** What the panel says, without its marks; those drawn on a canvas are named. */
function textOf({ panel, variables }: PlacedPanel, data: PanelData): string {
  const look = { zone: 'utc', nowMs: NOW } as const
  const links = { variables, ...interval, from: 'now-1h', to: 'now' }
  const figures = figuresOf(panel, data.frames)
  const rendered = ((): string => {
    switch (panel.kind) {
      case 'stat':
        return renderToStaticMarkup(createElement(StatBody, { panel, figures, nowMs: NOW, links }))
      case 'gauge':
        return renderToStaticMarkup(createElement(GaugeBody, { panel, figures, nowMs: NOW }))
      case 'bargauge':
        return renderToStaticMarkup(createElement(BarsBody, { figures, nowMs: NOW }))
      case 'piechart':
        return renderToStaticMarkup(createElement(PieBody, { panel, figures, nowMs: NOW }))
      case 'state-timeline':
      case 'status-history':
        return renderToStaticMarkup(createElement(StatesBody, { panel, data, ...look }))
      case 'table':
        return data.frames.length === 0
          ? 'traces'
          : renderToStaticMarkup(createElement(TableBody, { panel, frames: data.frames, ...look, links }))
      case 'timeseries': {
        const { model } = seriesModelOf(panel, data, { fromS: interval.fromMs / 1_000, toS: NOW / 1_000 }, [])
        return model.series.map(({ name }) => name).join()
      }
      default:
        return 'a canvas'
    }
  })()
  return rendered.replaceAll(/<[^>]*>/g, '').trim()
}
