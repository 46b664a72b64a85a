import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { mutateBytes } from '../testing/mutate.ts'
import { JSON_KINDS, JsonReader, JsonText } from './index.ts'

/** The value as `JSON.parse` makes it, read by our own reader. */
function read(reader: JsonReader, text: JsonText): unknown {
  switch (reader.kind()) {
    case JSON_KINDS.object: {
      const members: [string, unknown][] = []
      reader.beginObject()
      while (reader.nextMember()) {
        text.take(reader)
        const name = text.toString()
        members.push([name, read(reader, text)])
      }
      return Object.fromEntries(members)
    }
    case JSON_KINDS.array: {
      const elements: unknown[] = []
      reader.beginArray()
      while (reader.nextElement()) elements.push(read(reader, text))
      return elements
    }
    case JSON_KINDS.string:
      reader.string()
      text.take(reader)
      return text.toString()
    case JSON_KINDS.number:
      reader.number()
      return Number(Buffer.from(reader.bytes.subarray(reader.start, reader.end)).toString())
    default:
      return { [JSON_KINDS.true]: true, [JSON_KINDS.false]: false, [JSON_KINDS.null]: null }[reader.literal()]
  }
}

function parse(bytes: Uint8Array): unknown {
  const reader = new JsonReader(bytes)
  const value = read(reader, new JsonText())
  reader.finish()
  return value
}

function skip(bytes: Uint8Array): void {
  const reader = new JsonReader(bytes)
  reader.skip()
  reader.finish()
}

describe('JsonReader', () => {
  it('reads what JSON.stringify writes, with escapes and white space of every kind', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ depthSize: 'medium', stringUnit: 'binary' }),
        fc.constantFrom(undefined, 1, '\t\r\n'),
        (value, space) => {
          const text = JSON.stringify(value, undefined, space)
          expect(parse(Buffer.from(text))).toEqual(JSON.parse(text))
          const escaped = escapeAll(text)
          expect(parse(Buffer.from(escaped))).toEqual(JSON.parse(text))
        },
      ),
    )
  })

  it.each([
    '',
    ' ',
    '{',
    '[',
    '[1,]',
    '{"a":1,}',
    '{,}',
    '[,1]',
    '{"a"}',
    '{"a" 1}',
    '{a:1}',
    "{'a':1}",
    '"',
    '"\\"',
    '"\\x"',
    '"\\u12"',
    '"\\u12g4"',
    '"\n"',
    '01',
    '-',
    '1.',
    '.5',
    '1e',
    '1e+',
    '+1',
    '--1',
    'tru',
    'nul',
    'truee',
    '1 2',
    '[1 2]',
    '{"a":1 "b":2}',
    ']',
    '}',
    '[}',
    '{]',
    'NaN',
    'Infinity',
    '\u00a01',
    '\ufeff1',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\ud83d\\ude00"',
    '"\\/\\b\\f\\n\\r\\t\\"\\\\"',
    '-0',
    '0.5e-10',
    '1E5',
    ' [ ] ',
    '{ }',
    '[[],{}]',
    '"\u007f"',
  ])('comes to the verdict of JSON.parse: %j', (text) => {
    let expected: unknown
    let isValid = true
    try {
      expected = JSON.parse(text)
    } catch {
      isValid = false
    }
    const bytes = Buffer.from(text)
    if (!isValid) {
      expect(() => parse(bytes)).toThrow(AppError)
      expect(() => skip(bytes)).toThrow(AppError)
      return
    }
    const value = parse(bytes)
    expect(value).toEqual(typeof expected === 'string' ? wellFormed(expected) : expected)
    skip(bytes)
  })

  it('refuses what is no UTF-8, and nesting without end', () => {
    expect(() => parse(Buffer.from([0x22, 0xff, 0x22]))).toThrow(/UTF-8/)
    expect(() => parse(Buffer.from('['.repeat(100_000)))).toThrow(/nested/)
    expect(() => skip(Buffer.from('{"a":'.repeat(100_000)))).toThrow(/nested/)
  })

  it('comes to the verdict of JSON.parse on damaged input', () => {
    const samples = [
      '{"a":[1,2.5e3,-0,true,null],"b\\n":{"c":"\\u00e9 \\ud83d\\ude00"}}',
      '[["1","x",{"k":"v"}],[]]',
    ].map((text) => Buffer.from(text))
    for (let seed = 0; seed < 5_000; seed++) {
      const bytes = mutateBytes(samples, seed)
      expect([seed, parsed(bytes, parse)]).toEqual([seed, parsed(bytes, parseAsPeer)])
    }
  })
})

/** The value, or what says that there is none. */
function parsed(bytes: Uint8Array, by: (bytes: Uint8Array) => unknown): unknown {
  try {
    return by(bytes)
  } catch (reason) {
    if (by === parse) expect(reason).toBeInstanceOf(AppError)
    return 'refused'
  }
}

function parseAsPeer(bytes: Uint8Array): unknown {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  return JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? wellFormed(value) : value))
}

/** Half a pair becomes the replacement character, because UTF-8 can not hold it. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

function escapeAll(text: string): string {
  return text.replace(/[^\x20-\x7e\s]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
