import { describe, expect, it } from 'vitest'
import { readDashboard } from '../dashboard.ts'
import type { Json } from '../json.ts'
import {
  addPanel,
  addRow,
  changeRow,
  duplicatePanel,
  movePanel,
  moveToSection,
  removePanel,
  removeRow,
  updatePanel,
} from './panels.ts'
import { placeOf } from './sections.ts'
import { newUid } from './uid.ts'

const panel = (id: number, x: number, y: number, w: number, h: number, more: Json = {}): Json => ({
  id,
  type: 'timeseries',
  title: `P${id}`,
  gridPos: { x, y, w, h },
  futureOption: { kept: id },
  ...more,
})

const DOCUMENT: Json = {
  title: 'D',
  schemaVersion: 39,
  somethingUnknown: [1, { two: true }],
  panels: [
    panel(1, 0, 0, 12, 8),
    panel(2, 12, 0, 12, 8),
    {
      id: 9,
      type: 'row',
      title: 'Row',
      collapsed: false,
      gridPos: { x: 0, y: 8, w: 24, h: 1 },
      panels: [],
      rowExtra: 1,
    },
    panel(3, 0, 9, 24, 6),
    {
      id: 10,
      type: 'row',
      title: 'Folded',
      collapsed: true,
      gridPos: { x: 0, y: 15, w: 24, h: 1 },
      panels: [panel(4, 0, 16, 12, 8)],
    },
  ],
}

const dashboard = readDashboard(DOCUMENT)
const placesOf = (json: Json): Record<string, number[]> =>
  Object.fromEntries(
    readDashboard(json).rows.flatMap(({ panels }) => panels.map(({ id, place: { x, y, w, h } }) => [id, [x, y, w, h]])),
  )

describe('editing a dashboard', () => {
  it('keeps everything that it does not know', () => {
    const json = updatePanel(dashboard, 3, (one) => ({ ...one, title: 'New' }))
    expect(json['somethingUnknown']).toEqual(DOCUMENT['somethingUnknown'])
    const read = readDashboard(json)
    expect(read.rows.map(({ title, collapsed }) => [title, collapsed])).toEqual([
      ['', false],
      ['Row', false],
      ['Folded', true],
    ])
    const panels = read.rows.flatMap((row) => row.panels)
    expect(panels.map(({ title }) => title)).toEqual(['P1', 'P2', 'New', 'P4'])
    for (const { id, json: own } of panels) expect(own['futureOption']).toEqual({ kept: id })
    expect(read.rows[1]?.json?.['rowExtra']).toBe(1)
    expect(placesOf(json)).toEqual(placesOf(DOCUMENT))
  })

  it('moves and sizes panels, and others make room', () => {
    expect(placesOf(movePanel(dashboard, 2, { x: 0, y: 0, w: 12, h: 8 }))).toMatchObject({
      2: [0, 0, 12, 8],
      1: [0, 8, 12, 8],
      3: [0, 17, 24, 6],
    })
    expect(placesOf(movePanel(dashboard, 1, { x: 0, y: 0, w: 24, h: 4 }))).toMatchObject({
      1: [0, 0, 24, 4],
      2: [12, 4, 12, 8],
    })
    // Beyond the grid is at its end.
    expect(placesOf(movePanel(dashboard, 1, { x: 40, y: -3, w: 99, h: 0 }))[1]).toEqual([0, 0, 24, 2])
  })

  it('adds, copies, removes', () => {
    const { json, id } = addPanel(dashboard)
    expect(id).toBe(11)
    expect(placesOf(json)).toMatchObject({ 11: [0, 0, 12, 8], 1: [0, 8, 12, 8] })
    expect(placesOf(duplicatePanel(dashboard, 3))).toMatchObject({ 3: [0, 9, 24, 6], 11: [0, 15, 24, 6] })
    const without = placesOf(removePanel(dashboard, 1))
    expect(Object.keys(without)).toEqual(['2', '3', '4'])
  })

  it('moves panels from row to row, and rows come and go without their panels', () => {
    const moved = readDashboard(moveToSection(dashboard, 1, 1))
    expect(moved.rows[1]?.panels.map(({ id }) => id)).toEqual([3, 1])
    expect(readDashboard(addRow(dashboard)).rows).toHaveLength(4)
    const renamed = readDashboard(changeRow(dashboard, 1, (head) => ({ ...head, title: 'Other' })))
    expect(renamed.rows[1]?.title).toBe('Other')
    const joined = readDashboard(removeRow(dashboard, 1))
    expect(joined.rows[0]?.panels.map(({ id }) => id)).toEqual([1, 2, 3])
    expect(joined.rows[0]?.panels[2]?.place.y).toBe(8)
  })

  it('brings old dashboards to the form of today', () => {
    const old = readDashboard({
      title: 'Old',
      schemaVersion: 12,
      rows: [{ title: 'One', height: '250px', panels: [{ id: 1, type: 'graph', span: 6, title: 'G', targets: [] }] }],
    })
    const json = updatePanel(old, 1, (one) => one)
    expect(json['rows']).toBeUndefined()
    expect(json['schemaVersion']).toBe(16)
    const read = readDashboard(json)
    expect(read.rows.map(({ title }) => title)).toEqual(['One'])
    expect(read.rows[0]?.panels[0]).toMatchObject({ type: 'timeseries', place: { x: 0, w: 12 } })
  })

  it('every panel of a document has a place of its own', () => {
    const json = { title: 'x', panels: [{ type: 'stat' }, { type: 'stat' }] }
    expect(new Set(readDashboard(json).rows[0]?.panels.map(({ id }) => id)).size).toBe(2)
    expect(placeOf({})).toEqual({ x: 0, y: 0, w: 12, h: 8 })
  })

  it('uids are taken by the hub, and are not the same twice', () => {
    for (const title of ['Node Exporter Full', 'ääöü', 'x'.repeat(300)]) {
      const uid = newUid(title)
      expect(uid).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
      expect(newUid(title)).not.toBe(uid)
    }
  })
})
