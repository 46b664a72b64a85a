import { expect, it } from 'vitest'
import { renderDestinations } from './destination-status.ts'

it('shows each signal of each destination, what is wrong with it, and what was left out', () => {
  const fine = { lagMs: 0, backlog: { bytes: 0, records: 0 }, filtered: 0, undelivered: {}, deadLetters: {} }
  const lines = renderDestinations(
    [
      {
        name: 'mimir',
        type: 'prometheus',
        state: 'retrying',
        signals: [
          {
            ...fine,
            signal: 'metrics',
            state: 'retrying',
            lagMs: 90_000,
            backlog: { bytes: 2 ** 21, records: 9 },
            delivered: 1_200,
            undelivered: { too_old: 2, backlog_full: 1 },
            deadLetters: { bad_labels: 4 },
            lastError: { atMs: 1_000, message: 'ECONNREFUSED\u001b[31m' },
            backfill: 'sent from then on',
          },
        ],
      },
      { name: 'logs', type: 'loki', state: 'up', signals: [{ ...fine, signal: 'logs', state: 'up', delivered: 5 }] },
    ],
    3_000,
  )
  expect(
    lines
      .join('\n')
      .split('\n')
      .map((line) => line.replaceAll(/ {2,}/g, ' | ')),
  ).toEqual([
    '',
    'Destination | Kind | Signal | State | Lag | Behind | Delivered | Undelivered | Put aside',
    'mimir | prometheus | metrics | retrying | 1 min 30 s | 2 MiB | 1200 | 3 | 4',
    'logs | loki | logs | up | 0 ms | 0 B | 5 | 0 | 0',
    expect.stringMatching(/^mimir metrics: ECONNREFUSED.* \(2 s ago\)$/),
    'mimir metrics: never delivered: 2 too_old, 1 backlog_full',
    'mimir metrics: put aside: 4 bad_labels',
    'mimir metrics: sent from then on',
  ])
  expect(lines.join('')).not.toContain('\u001b')
  expect(renderDestinations([], 0)).toEqual([])
})
