import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedMaterial } from '../../core/testing/shared-material.ts'
import type { Signal } from '../../model/index.ts'
import { type ChdbStore, openChdbStore } from '../native/testing/chdb-store.ts'
import { insertAll, otlpRecord } from './testing/records.ts'
import { Transcoder } from './transcoder.ts'

const folder = sharedMaterial('data/otlp')

describe.skipIf(folder === undefined)(
  'the samples of opentelemetry-proto (shared/data/otlp, skipped if absent)',
  () => {
    let store: ChdbStore
    beforeAll(async () => {
      store = await openChdbStore()
      const transcoder = new Transcoder({})
      const write = async (signal: Signal, file: string): Promise<void> => {
        const json: unknown = JSON.parse(readFileSync(`${folder ?? ''}/${file}`, 'utf8'))
        const transcoded = transcoder.transcode([otlpRecord(signal, json)])
        expect(transcoded.outcomes.map(({ error, rejected }) => [error, [...rejected]])).toEqual([[undefined, []]])
        await insertAll(store, transcoded, file)
      }
      await write('logs', 'logs.json')
      await write('logs', 'events.json')
      await write('traces', 'trace.json')
      await write('metrics', 'metrics.json')
    })
    afterAll(() => store.close())

    it('stores the log records', () => {
      const rows = store.select(`SELECT body, event_name, severity_number, severity_text, lower(hex(trace_id)) AS trace,
      service_name, scope_name, scope_attributes, attributes FROM logs ORDER BY event_name`)
      expect(rows[0]).toEqual({
        body: 'Example log record',
        event_name: '',
        severity_number: 10,
        severity_text: 'Information',
        trace: '5b8efff798038103d269b633813fc60c',
        service_name: 'my.service',
        scope_name: 'my.library',
        scope_attributes: { 'my.scope.attribute': 'some scope attribute' },
        attributes: {
          'string.attribute': 'some string',
          'boolean.attribute': '\x03true',
          'int.attribute': '\x0110',
          'double.attribute': '\x02637.704',
          'array.attribute': '\x04{"arrayValue":{"values":[{"stringValue":"many"},{"stringValue":"values"}]}}',
          'map.attribute':
            '\x04{"kvlistValue":{"values":[{"key":"some.map.key","value":{"stringValue":"some value"}}]}}',
        },
      })
      expect(rows[1]).toMatchObject({ event_name: 'browser.page_view', severity_number: 9 })
      expect(JSON.parse(String(rows[1]?.['body']))).toMatchObject({ type: 0 })
    })

    it('stores the span', () => {
      expect(
        store.select(`SELECT name, kind, lower(hex(span_id)) AS id, lower(hex(parent_span_id)) AS parent, duration,
        toUnixTimestamp64Nano(time) AS time, attributes FROM spans`),
      ).toEqual([
        {
          name: "I'm a server span",
          kind: 2,
          id: 'eee19b7ec3c1b174',
          parent: 'eee19b7ec3c1b173',
          duration: '1000000000',
          time: '1544712660000000000',
          attributes: { 'my.span.attr': 'some value' },
        },
      ])
    })

    it('stores the metrics, deltas as totals', () => {
      const rows = store.select(`SELECT s.name AS name, s.labels['le'] AS le, value FROM samples AS v
      JOIN (SELECT DISTINCT id, name, labels FROM series) AS s ON s.id = v.series ORDER BY name, le`)
      expect(rows.map(({ name, le, value }) => [name, le, value])).toEqual([
        ['my_counter_total', '', 5],
        ['my_gauge_ratio', '', 10],
        ['my_histogram_bucket', '+Inf', 2],
        ['my_histogram_bucket', '1', 1],
        ['my_histogram_count', '', 2],
        ['my_histogram_sum', '', 2],
      ])
      expect(
        store.select(`SELECT s.name AS name, schema, count, h.sum AS sum, zero_count, positive_offsets, positive_lengths, positive_counts
        FROM histograms AS h JOIN (SELECT DISTINCT id, name FROM series) AS s ON s.id = h.series`),
      ).toEqual([
        {
          name: 'my_exponential_histogram',
          schema: 0,
          count: 3,
          sum: 10,
          zero_count: 1,
          positive_offsets: [3],
          positive_lengths: [1],
          positive_counts: [2],
        },
      ])
    })
  },
)
