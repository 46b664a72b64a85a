import { expect, it } from 'vitest'
import { choosePalette, markWords, type PaletteEntry, traceIdOf } from './palette-entries.ts'

const entry = (group: string, words: string, detail?: string): PaletteEntry => ({
  group,
  words,
  icon: 'fleet',
  run: () => undefined,
  ...(detail === undefined ? {} : { detail }),
})
const entries = [
  entry('Go to', 'Fleet'),
  entry('Clusters', 'prd-westeurope', 'degraded'),
  entry('Clusters', 'stg-westeurope', 'healthy'),
  entry('Do', 'Light theme'),
]

it('finds what holds every word, in the words or the detail', () => {
  expect(choosePalette(entries, 'west degr').map(({ words }) => words)).toEqual(['prd-westeurope'])
  expect(choosePalette(entries, '')).toHaveLength(4)
  expect(choosePalette(entries, 'nothing like it')).toEqual([])
})

it('a prefix narrows down', () => {
  expect(choosePalette(entries, '>').map(({ words }) => words)).toEqual(['Light theme'])
  expect(choosePalette(entries, '@stg').map(({ words }) => words)).toEqual(['stg-westeurope'])
})

it('knows a trace id', () => {
  expect(traceIdOf('#4BF92F3577B34DA6A3CE929D0E0E4736')).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
  expect(traceIdOf('4bf9')).toBeUndefined()
})

it('marks what was typed, whatever characters it has', () => {
  expect(markWords('payments in west', 'west (x')).toEqual([
    { text: 'payments in ', isMatch: false },
    { text: 'west', isMatch: true },
  ])
})
