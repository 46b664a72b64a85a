import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { type Signal, SIGNALS } from '../../model/index.ts'
import { arbitraryMessage } from '../testing/arbitrary-message.ts'
import { createRandom } from '../testing/mutate.ts'
import { OTLP_REQUEST_TYPES, toPlain } from '../testing/otlp-proto.ts'
import { checkOtlp, jsonToOtlp } from './index.ts'

/** Keys whose bytes are hexadecimal in OTLP/JSON, unlike in protobuf's own JSON. */
const HEX_KEYS = new Set(['traceId', 'spanId', 'parentSpanId'])

/** Rewrites protobufjs' plain form (base64, NaN) into OTLP/JSON. */
function toOtlpJson(key: string, value: unknown): unknown {
  if (HEX_KEYS.has(key)) return Buffer.from(String(value), 'base64').toString('hex')
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

describe.each(SIGNALS)('jsonToOtlp, %s', (signal) => {
  const type = OTLP_REQUEST_TYPES[signal]

  it('means the same as the protobuf of the same request', () => {
    fc.assert(
      fc.property(arbitraryMessage(type, { depth: 7 }), (message) => {
        const bytes = type.encode(type.fromObject(message)).finish()
        const json = JSON.stringify(toPlain(type, bytes), toOtlpJson)
        expect(toPlain(type, jsonToOtlp(signal, json))).toEqual(toPlain(type, bytes))
      }),
      { numRuns: 150 },
    )
  })

  it('only throws AppError on damaged text', () => {
    const sample = fc
      .sample(arbitraryMessage(type, { depth: 7 }), { numRuns: 20, seed: 3 })
      .map((message) => JSON.stringify(toPlain(type, type.encode(type.fromObject(message)).finish()), toOtlpJson))
    for (let round = 0; round < 2_000; round++) {
      const random = createRandom(round)
      const text = sample[round % sample.length] ?? ''
      const at = Math.floor(random() * text.length)
      const damage = ['', '[', '}', '"', '-1', 'null', '{}', '1e999', 'true', '"x"'][Math.floor(random() * 10)] ?? ''
      try {
        checkOtlp(signal, jsonToOtlp(signal, text.slice(0, at) + damage + text.slice(at + damage.length)))
      } catch (reason) {
        expect(reason).toBeInstanceOf(AppError)
        expect(reason).toMatchObject({ code: 'invalid' })
      }
    }
  })
})

describe('jsonToOtlp', () => {
  const log = (record: unknown): string => JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })
  const read = (text: string): unknown => {
    const { resourceLogs } = toPlain(OTLP_REQUEST_TYPES.logs, jsonToOtlp('logs', text)) as {
      resourceLogs: { scopeLogs: { logRecords: unknown[] }[] }[]
    }
    return resourceLogs[0]?.scopeLogs[0]?.logRecords[0]
  }

  it.each([
    ['64-bit integers as numbers', { timeUnixNano: 17 }, { timeUnixNano: '17' }],
    ['64-bit integers as strings', { timeUnixNano: '18446744073709551615' }, { timeUnixNano: '18446744073709551615' }],
    ['ids in upper case', { traceId: '5B8EFFF798038103D269B633813FC60C' }, { traceId: 'W47/95gDgQPSabYzgT/GDA==' }],
    ['base64 for URLs', { body: { bytesValue: '_-8' } }, { body: { bytesValue: '/+8=' } }],
    ['null as absent', { severityText: null, flags: 1 }, { flags: 1 }],
    ['unknown keys and snake_case as unknown', { severity_text: 'x', more: [{}], flags: 1 }, { flags: 1 }],
    [
      'doubles that JSON has no number for',
      { body: { doubleValue: '-Infinity' } },
      { body: { doubleValue: -Infinity } },
    ],
    ['zero where it means something', { body: { intValue: '0' } }, { body: { intValue: '0' } }],
  ])('reads %s', (_, record, expected) => {
    expect(read(log(record))).toEqual({ attributes: [], ...expected })
  })

  let nested: unknown = { stringValue: 'core' }
  for (let i = 0; i < 40; i++) nested = { arrayValue: { values: [nested] } }

  it.each([
    ['names of enums', log({ severityNumber: 'SEVERITY_NUMBER_INFO' })],
    ['half a hexadecimal digit pair', log({ traceId: 'abc' })],
    ['integers with a fraction', log({ timeUnixNano: 1.5 })],
    ['integers out of range', log({ timeUnixNano: '-1' })],
    ['a string for a message', log('x')],
    ['a message for a list', JSON.stringify({ resourceLogs: {} })],
    ['an array for the request', '[]'],
    ['what is no JSON', '{'],
    ['values nested too deep', log({ body: nested })],
  ])('refuses %s', (_, text) => {
    expect(() => jsonToOtlp('logs', text)).toThrow(AppError)
  })
})

const SAMPLES: readonly (readonly [file: string, signal: Signal, items: number])[] = [
  ['trace.json', 'traces', 1],
  ['logs.json', 'logs', 1],
  ['events.json', 'logs', 1],
  ['metrics.json', 'metrics', 4],
]

describe('the specification’s own examples', () => {
  for (const [file, signal, items] of SAMPLES) {
    const url = new URL(`../../../../shared/data/otlp/${file}`, import.meta.url)
    it.skipIf(!existsSync(url))(`reads ${file} (skipped where the examples are not at hand)`, () => {
      expect(checkOtlp(signal, jsonToOtlp(signal, readFileSync(url, 'utf8')))).toBe(items)
    })
  }
})
