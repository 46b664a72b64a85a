import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TEXT_PLACES, type TextPlace } from '../../model/index.ts'
import { ProtoReader, ProtoWriter } from '../proto/index.ts'
import { mutateBytes } from '../testing/mutate.ts'
import type { KeyPath, TextVerdict, TextVisitor } from '../text-visitor.ts'
import { rewriteRemoteWrite2Text } from './rewrite-text.ts'
import { countRemoteWrite2 } from './stamp.ts'

const SECRET = 'hunter2'

interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly help?: string
  readonly exemplar?: Readonly<Record<string, string>>
}

function encode(series: readonly Series[]): Uint8Array {
  const symbols = new Map([['', 0]])
  const refOf = (text: string): number => {
    const ref = symbols.get(text) ?? symbols.size
    symbols.set(text, ref)
    return ref
  }
  const body = new ProtoWriter()
  const writeRefs = (labels: Readonly<Record<string, string>>): void => {
    const start = body.begin(1)
    for (const [name, value] of Object.entries(labels)) for (const text of [name, value]) body.varint32(refOf(text))
    body.end(start)
  }
  for (const { labels, value, help, exemplar } of series) {
    const start = body.begin(5)
    writeRefs(labels)
    const sample = body.begin(2)
    body.double(1, value)
    body.int64(2, 1_000)
    body.end(sample)
    if (exemplar !== undefined) {
      const at = body.begin(4)
      writeRefs(exemplar)
      body.double(2, 1)
      body.end(at)
    }
    if (help !== undefined) {
      const at = body.begin(5)
      body.uint32(1, 1)
      body.uint32(3, refOf(help))
      body.end(at)
    }
    body.end(start)
  }
  const writer = new ProtoWriter()
  for (const text of symbols.keys()) writer.string(4, text)
  writer.raw(body.finish())
  return writer.finish()
}

function decode(bytes: Uint8Array): Series[] {
  const symbols: string[] = []
  const top = new ProtoReader(bytes)
  while (top.next()) {
    if (top.field === 4) symbols.push(top.string())
    else top.skip()
  }
  const labelsOf = (packed: Uint8Array): Record<string, string> => {
    const refs: number[] = []
    const reader = new ProtoReader(packed)
    while (reader.pos < packed.length) refs.push(reader.uint32())
    const labels: Record<string, string> = {}
    for (let i = 0; i < refs.length; i += 2) labels[symbols[refs[i] ?? -1] ?? '?'] = symbols[refs[i + 1] ?? -1] ?? '?'
    return labels
  }
  const all: Series[] = []
  const reader = new ProtoReader(bytes)
  while (reader.next()) {
    if (reader.field !== 5) {
      reader.skip()
      continue
    }
    const outer = reader.enter()
    let series: Series = { labels: {}, value: NaN }
    while (reader.next()) {
      const field: number = reader.field
      const inner = new ProtoReader(reader.slice())
      if (field === 1) series = { ...series, labels: labelsOf(inner.bytes) }
      else if (field === 2 && inner.next()) series = { ...series, value: inner.double() }
      else if (field === 4 && inner.next()) series = { ...series, exemplar: labelsOf(inner.slice()) }
      else if (field === 5) {
        while (inner.next()) {
          if (inner.field === 3) series = { ...series, help: symbols[inner.uint32()] ?? '?' }
          else inner.skip()
        }
      }
    }
    reader.leave(outer)
    all.push(series)
  }
  return all
}

type Judge = (place: TextPlace, label: string) => TextVerdict

function visitorOf(judge: Judge, places: readonly TextPlace[] = TEXT_PLACES): TextVisitor {
  const holdsSecret = (bytes: Uint8Array, start: number, end: number): boolean =>
    Buffer.from(bytes.subarray(start, end)).includes(SECRET)
  return {
    places: new Set(places),
    integers: false,
    mightChange: holdsSecret,
    text: (bytes: Uint8Array, start: number, end: number, place: TextPlace, path: KeyPath) =>
      holdsSecret(bytes, start, end) ? judge(place, path.join()) : undefined,
  }
}

const REDACTED = Buffer.from('[x]')
const redact = visitorOf(() => REDACTED, ['attributes', 'exemplars', 'description', 'metadata'])

describe('rewriteRemoteWrite2Text', () => {
  it('gives back a request in which there is nothing, and checks it', () => {
    const request = encode([{ labels: { __name__: 'up' }, value: 1 }])
    expect(rewriteRemoteWrite2Text(request, redact)).toEqual({ bytes: request, items: 1, dropped: 0, collided: 0 })
    expect(() => rewriteRemoteWrite2Text(request.subarray(0, -1), redact)).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    )
  })

  it('replaces values of labels, exemplars and help, and leaves nothing among the symbols', () => {
    const request = encode([
      {
        labels: { __name__: 'a', user: SECRET },
        value: 1,
        help: `of ${SECRET}`,
        exemplar: { trace_id: 't', who: SECRET },
      },
      { labels: { __name__: 'b', user: 'bob' }, value: 2 },
    ])
    const { bytes, items } = rewriteRemoteWrite2Text(request, redact)
    expect(items).toBe(2)
    expect(countRemoteWrite2(bytes)).toBe(2)
    expect(decode(bytes)).toEqual([
      { labels: { __name__: 'a', user: '[x]' }, value: 1, help: '[x]', exemplar: { trace_id: 't', who: '[x]' } },
      { labels: { __name__: 'b', user: 'bob' }, value: 2 },
    ])
    expect(Buffer.from(bytes).includes(SECRET)).toBe(false)
    expect(rewriteRemoteWrite2Text(bytes, redact).bytes).toBe(bytes)
  })

  it('lets one symbol stay in one place and go in another', () => {
    const request = encode([
      { labels: { __name__: 'a', keep: SECRET, user: SECRET }, value: 1 },
      { labels: { __name__: SECRET, [SECRET]: 'x' }, value: 2 },
    ])
    const visitor = visitorOf((_, label) => (label === 'user' ? REDACTED : undefined))
    expect(decode(rewriteRemoteWrite2Text(request, visitor).bytes)).toEqual([
      { labels: { __name__: 'a', keep: SECRET, user: '[x]' }, value: 1 },
      { labels: { __name__: SECRET, [SECRET]: 'x' }, value: 2 },
    ])
  })

  it('drops labels and series', () => {
    const request = encode([
      { labels: { __name__: 'a', user: SECRET, z: '1' }, value: 1 },
      { labels: { __name__: 'a', z: '2' }, value: 2 },
    ])
    const labels = rewriteRemoteWrite2Text(
      request,
      visitorOf(() => 'drop-attribute'),
    )
    expect(decode(labels.bytes).map((series) => series.labels)).toEqual([
      { __name__: 'a', z: '1' },
      { __name__: 'a', z: '2' },
    ])
    const series = rewriteRemoteWrite2Text(
      request,
      visitorOf(() => 'drop-record'),
    )
    expect(series).toMatchObject({ items: 1, dropped: 1 })
    expect(decode(series.bytes)).toEqual([{ labels: { __name__: 'a', z: '2' }, value: 2 }])
    for (const { bytes } of [labels, series]) expect(Buffer.from(bytes).includes(SECRET)).toBe(false)
  })

  it('keeps the first of several series that become one, but not of those that were one before', () => {
    const request = encode([
      { labels: { __name__: 'a', user: '[x]' }, value: 1 },
      { labels: { __name__: 'a', user: `${SECRET} 1` }, value: 2 },
      { labels: { __name__: 'a', user: `${SECRET} 2` }, value: 3 },
      { labels: { __name__: 'b', user: `${SECRET} 1` }, value: 4 },
      { labels: { __name__: 'b', user: `${SECRET} 1` }, value: 5 },
    ])
    const result = rewriteRemoteWrite2Text(request, redact)
    expect(result).toMatchObject({ items: 3, collided: 2, dropped: 0 })
    expect(decode(result.bytes).map(({ value }) => value)).toEqual([1, 4, 5])
  })

  it('leaves no secret in random requests, and changes nothing else', () => {
    const text = fc.constantFrom('a', 'b', SECRET, `x ${SECRET}`, 'ünï', '')
    const labels = fc.dictionary(fc.constantFrom('l', 'm', 'n'), text)
    const one = fc.record(
      { labels, value: fc.integer(), help: text, exemplar: labels },
      { requiredKeys: ['labels', 'value'] },
    )
    fc.assert(
      fc.property(fc.array(one, { maxLength: 6 }), (series) => {
        const unique = series.map((each, i) => ({ ...each, labels: { ...each.labels, z: String(i) } }))
        const { bytes, items } = rewriteRemoteWrite2Text(encode(unique), redact)
        expect(Buffer.from(bytes).includes(SECRET)).toBe(false)
        expect(items).toBe(countRemoteWrite2(bytes))
        const expected = JSON.stringify(decode(encode(unique))).replaceAll(/x hunter2|hunter2/g, '[x]')
        expect(JSON.stringify(decode(bytes))).toBe(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('rewrites mutated requests into good ones without the secret, or throws invalid', () => {
    const sample = encode([
      { labels: { __name__: 'a', user: SECRET }, value: 1, help: SECRET, exemplar: { who: SECRET } },
      { labels: { __name__: 'b', user: SECRET }, value: 2 },
    ])
    for (let seed = 0; seed < 6_000; seed++) {
      const request = mutateBytes([sample], seed)
      try {
        const { bytes, items } = rewriteRemoteWrite2Text(request, redact)
        expect(countRemoteWrite2(bytes), String(seed)).toBe(items)
      } catch (reason) {
        expect(reason, String(seed)).toMatchObject({ code: 'invalid' })
      }
    }
  })
})
