import { describe, expect, it } from 'vitest'
import type { Identity } from '../../model/index.ts'
import { OTLP_REQUEST_TYPES } from '../testing/otlp-proto.ts'
import { stampOtlp } from './stamp.ts'

/** Nothing to stamp, so that only the cuts change something. */
const NOBODY: Identity = { cluster: '', environment: '', region: '', clusterType: '', tenant: '' }
const CUTS = { attributes: 3, valueBytes: 10, lineBytes: 12 }

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}
interface LogRecord {
  readonly attributes?: readonly Attribute[]
  readonly body?: unknown
  readonly droppedAttributesCount?: number
}

const text = (key: string, stringValue: string): Attribute => ({ key, value: { stringValue } })
const type = OTLP_REQUEST_TYPES.logs

function cut(...records: readonly LogRecord[]) {
  const bytes = type
    .encode(type.fromObject({ resourceLogs: [{ resource: {}, scopeLogs: [{ logRecords: records }] }] }))
    .finish()
  const stamped = stampOtlp('logs', bytes, NOBODY, { cuts: CUTS })
  expect(stampOtlp('logs', stamped.bytes, NOBODY, { cuts: CUTS }).bytes).toBe(stamped.bytes)
  const { resourceLogs } = type.toObject(type.decode(stamped.bytes)) as {
    resourceLogs: { scopeLogs: { logRecords: LogRecord[] }[] }[]
  }
  return { records: resourceLogs[0]?.scopeLogs[0]?.logRecords, counts: stamped.cut, isSame: stamped.bytes === bytes }
}

const marked = { key: 'fleetglass.truncated', value: { boolValue: true } }

describe('limits of one item', () => {
  it('leaves what is within them as it is', () => {
    const record = {
      attributes: [text('a', 'x'.repeat(7)), text('b', ''), text('c', 'y')],
      body: { stringValue: 'z'.repeat(12) },
    }
    expect(cut(record)).toEqual({ records: [record], counts: { attributes: 0, values: 0, lines: 0 }, isSame: true })
  })

  it('leaves out attributes beyond the last allowed, counts them, and adds to what the sender had dropped', () => {
    const attributes = ['a', 'b', 'c', 'd', 'e'].map((key) => text(key, 'x'))
    const { records, counts } = cut({ attributes, droppedAttributesCount: 4 }, { attributes: attributes.slice(0, 3) })
    expect(records).toEqual([
      { attributes: attributes.slice(0, 3), droppedAttributesCount: 6 },
      { attributes: attributes.slice(0, 3) },
    ])
    expect(counts).toEqual({ attributes: 2, values: 0, lines: 0 })
  })

  it('cuts texts off between characters, and marks the record', () => {
    const { records, counts } = cut({
      attributes: [text('a', 'x' + 'ä'.repeat(90))],
      body: { stringValue: 'y'.repeat(300) },
    })
    expect(records).toEqual([{ attributes: [text('a', 'xääää'), marked], body: { stringValue: 'y'.repeat(12) } }])
    expect(counts).toEqual({ attributes: 0, values: 1, lines: 1 })
  })

  it('leaves out other values that are too long', () => {
    const values = Array.from({ length: 9 }, () => ({ intValue: 1 }))
    const { records, counts } = cut({ attributes: [{ key: 'a', value: { arrayValue: { values } } }, text('b', 'x')] })
    expect(records).toEqual([{ attributes: [text('b', 'x')], droppedAttributesCount: 1 }])
    expect(counts).toEqual({ attributes: 1, values: 0, lines: 0 })
  })
})
