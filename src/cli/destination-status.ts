import type { DestinationSnapshot } from '../contract/index.ts'
import { formatBytes, formatDuration } from './format.ts'
import { toPrintable } from './printable.ts'
import { renderTable } from './table.ts'

type Signal = DestinationSnapshot['signals'][number]

/** A table of the destinations, and a sentence for each that does not deliver or has left something out. */
export function renderDestinations(destinations: readonly DestinationSnapshot[], nowMs: number): readonly string[] {
  if (destinations.length === 0) return []
  const right = { align: 'right' } as const
  const table = renderTable(
    [
      { title: 'Destination' },
      { title: 'Kind' },
      { title: 'Signal' },
      { title: 'State' },
      { title: 'Lag', ...right },
      { title: 'Behind', ...right },
      { title: 'Delivered', ...right },
      { title: 'Undelivered', ...right },
      { title: 'Put aside', ...right },
    ],
    destinations.flatMap(({ name, type, signals }) =>
      signals.map((signal) => [
        name,
        type,
        signal.signal,
        signal.state,
        formatDuration(signal.lagMs),
        formatBytes(signal.backlog.bytes),
        String(signal.delivered),
        String(total(signal.undelivered)),
        String(total(signal.deadLetters)),
      ]),
    ),
  )
  return ['', table, ...destinations.flatMap(({ name, signals }) => signals.flatMap((s) => sentences(name, s, nowMs)))]
}

function sentences(name: string, signal: Signal, nowMs: number): readonly string[] {
  const { lastError, undelivered, deadLetters, backfill } = signal
  const what = `${name} ${signal.signal}`
  return [
    ...(lastError === undefined
      ? []
      : [`${what}: ${toPrintable(lastError.message)} (${formatDuration(Math.max(0, nowMs - lastError.atMs))} ago)`]),
    ...(total(undelivered) === 0 ? [] : [`${what}: never delivered: ${listOf(undelivered)}`]),
    ...(total(deadLetters) === 0 ? [] : [`${what}: put aside: ${listOf(deadLetters)}`]),
    ...(backfill === undefined ? [] : [`${what}: ${toPrintable(backfill)}`]),
  ]
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function listOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([reason, count]) => `${String(count)} ${toPrintable(reason)}`)
    .join(', ')
}
