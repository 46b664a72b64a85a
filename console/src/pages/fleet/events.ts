import type { ClusterStatus, FleetEvent } from '../../data/fleet-client.ts'
import { STATUS_WORDS } from '../../format/status-words.ts'

/** How an event is drawn: by the status that it brings, or by what it is. */
export type EventGlyph = ClusterStatus | 'connected' | 'disconnected' | 'certificate'

/** Loudest first: what stands for many events at one place. */
const LOUDNESS: readonly EventGlyph[] = [
  'silent',
  'cut-off',
  'degraded',
  'unknown',
  'certificate',
  'disconnected',
  'healthy',
  'connected',
]

export function glyphOf({ kind, message }: FleetEvent): EventGlyph {
  if (kind === 'refused') return 'cut-off'
  if (kind === 'certificate') return 'certificate'
  if (kind === 'ledger') return message.includes('again') ? 'healthy' : 'silent'
  if (kind === 'connected') return message === 'connected' ? 'connected' : 'disconnected'
  const word = headOf(message)
  const entry = Object.entries(STATUS_WORDS).find(([, text]) => text.toLowerCase() === word)
  return (entry?.[0] ?? 'unknown') as ClusterStatus
}

/** Two or three words; the reason stands below the cluster's row. */
export function wordsOf(event: FleetEvent): string {
  if (event.kind === 'certificate') return 'new certificate'
  return headOf(event.message)
}

export interface News {
  readonly atMs: number
  readonly glyph: EventGlyph
  readonly text: string
}

/** What is said of several clusters within this time is said once. */
const TOGETHER_MS = 10_000

/** The latest events in words, newest first. Connections are told only when nothing else has happened. */
export function tellNews(events: readonly FleetEvent[], limit: number): readonly News[] {
  const telling = events.filter(({ kind }) => kind !== 'connected')
  const groups: { atMs: number; glyph: EventGlyph; words: string; clusters: Set<string> }[] = []
  for (const event of (telling.length === 0 ? events : telling).toReversed()) {
    const words = wordsOf(event)
    const group = groups.find((other) => other.words === words && other.atMs - event.atMs <= TOGETHER_MS)
    if (group === undefined) {
      if (groups.length === limit) break
      groups.push({ atMs: event.atMs, glyph: glyphOf(event), words, clusters: new Set([event.cluster]) })
    } else {
      group.clusters.add(event.cluster)
    }
  }
  return groups.map(({ atMs, glyph, words, clusters }) => {
    const [only] = clusters
    return { atMs, glyph, text: `${clusters.size === 1 ? (only ?? '') : `${clusters.size} clusters`} ${words}` }
  })
}

export interface Mark {
  readonly atMs: number
  /** Of the loudest of its events. */
  readonly glyph: EventGlyph
  readonly events: readonly FleetEvent[]
}

/** One mark for all events that would stand closer than `gapMs` to its first one. */
export function placeMarks(events: readonly FleetEvent[], gapMs: number): readonly Mark[] {
  const marks: { atMs: number; glyph: EventGlyph; events: FleetEvent[] }[] = []
  for (const event of events.toSorted((a, b) => a.atMs - b.atMs)) {
    const glyph = glyphOf(event)
    const mark = marks.at(-1)
    if (mark === undefined || event.atMs - mark.atMs >= gapMs) {
      marks.push({ atMs: event.atMs, glyph, events: [event] })
      continue
    }
    mark.events.push(event)
    if (LOUDNESS.indexOf(glyph) < LOUDNESS.indexOf(mark.glyph)) mark.glyph = glyph
  }
  return marks
}

function headOf(message: string): string {
  return (message.split(':')[0] ?? message).toLowerCase()
}
