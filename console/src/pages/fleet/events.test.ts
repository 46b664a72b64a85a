import { describe, expect, it } from 'vitest'
import type { FleetEvent } from '../../data/fleet-client.ts'
import { glyphOf, placeMarks, tellNews, wordsOf } from './events.ts'

function event(seconds: number, cluster: string, message: string, kind: FleetEvent['kind'] = 'status'): FleetEvent {
  return { atMs: seconds * 1_000, cluster, kind, message }
}

describe('one event', () => {
  it.each([
    [event(0, 'a', 'silent: Not heard since 03:06:04.'), 'silent', 'silent'],
    [event(0, 'a', 'cut off: Its certificate ended: it did.'), 'cut-off', 'cut off'],
    [event(0, 'a', 'healthy'), 'healthy', 'healthy'],
    [event(0, 'a', 'something new'), 'unknown', 'something new'],
    [event(0, 'a', 'refused: expired', 'refused'), 'cut-off', 'refused'],
    [event(0, 'a', 'connected', 'connected'), 'connected', 'connected'],
    [event(0, 'a', 'disconnected', 'connected'), 'disconnected', 'disconnected'],
    [event(0, 'a', 'presents a new certificate, which ends 2027', 'certificate'), 'certificate', 'new certificate'],
  ] as const)('%j', (given, glyph, words) => {
    expect(glyphOf(given)).toBe(glyph)
    expect(wordsOf(given)).toBe(words)
  })
})

describe('tellNews', () => {
  it('tells the newest first and no more than it may', () => {
    const events = [event(1, 'a', 'degraded: x'), event(20, 'a', 'healthy'), event(40, 'b', 'silent: y')]
    expect(tellNews(events, 2).map(({ text }) => text)).toEqual(['b silent', 'a healthy'])
  })

  it('says once what is true of several clusters within seconds', () => {
    const events = [event(1, 'a', 'healthy'), event(2, 'b', 'healthy'), event(3, 'c', 'healthy')]
    expect(tellNews(events, 3)).toEqual([{ atMs: 3_000, glyph: 'healthy', text: '3 clusters healthy' }])
  })

  it('tells connections only when nothing else has happened', () => {
    const connected = event(1, 'a', 'connected', 'connected')
    expect(tellNews([connected], 3).map(({ text }) => text)).toEqual(['a connected'])
    expect(tellNews([connected, event(2, 'a', 'healthy')], 3).map(({ text }) => text)).toEqual(['a healthy'])
  })

  it('tells nothing of nothing', () => expect(tellNews([], 3)).toEqual([]))
})

describe('placeMarks', () => {
  it('gives events that are far enough apart a mark each', () => {
    const marks = placeMarks([event(30, 'b', 'healthy'), event(1, 'a', 'healthy')], 10_000)
    expect(marks.map(({ atMs }) => atMs)).toEqual([1_000, 30_000])
  })

  it('joins events at one place under the loudest of them', () => {
    const events = [event(1, 'a', 'connected', 'connected'), event(1, 'b', 'silent: x'), event(2, 'c', 'healthy')]
    const marks = placeMarks(events, 10_000)
    expect(marks).toHaveLength(1)
    expect(marks[0]).toMatchObject({ glyph: 'silent', events })
  })

  it('measures from the first of a mark, so that a long row of events is not one', () => {
    const events = Array.from({ length: 30 }, (_, i) => event(i, 'a', 'healthy'))
    expect(placeMarks(events, 10_000).map(({ atMs }) => atMs)).toEqual([0, 10_000, 20_000])
  })
})
