import { describe, expect, it } from 'vitest'
import type { Attributes, WholeSpan } from '../../query/index.ts'
import { groupSpans } from './group-spans.ts'

const text = (value: string): Attributes[string] => ({ type: 'string', value })

function spanOf(spanId: string, resource: Attributes, more: Partial<WholeSpan> = {}): WholeSpan {
  return {
    traceId: '1'.repeat(32),
    spanId,
    parentSpanId: '',
    traceState: '',
    name: 'call',
    kind: 1,
    statusCode: 0,
    statusMessage: '',
    startNs: 1n,
    endNs: 2n,
    sentEndNs: 2n,
    flags: 0,
    resource,
    scope: { name: 'lib', version: '', attributes: {} },
    attributes: {},
    events: [],
    links: [],
    resourceSchemaUrl: '',
    resourceDroppedAttributes: 0,
    entityRefs: [],
    scopeSchemaUrl: '',
    scopeDroppedAttributes: 0,
    droppedAttributes: 0,
    droppedEvents: 0,
    droppedLinks: 0,
    ...more,
  }
}

const idsOf = (spans: readonly WholeSpan[]): string[][] =>
  groupSpans(spans).map(({ scopes }) => scopes.flatMap((scope) => scope.spans.map(({ spanId }) => spanId)))

describe('groupSpans', () => {
  it('puts equal resources together, whatever the order of their attributes', () => {
    const a = { 'service.name': text('a'), zone: text('1') }
    const b = { zone: text('1'), 'service.name': text('a') }
    expect(idsOf([spanOf('1', a), spanOf('2', { zone: text('2') }), spanOf('3', b)])).toEqual([['1', '3'], ['2']])
  })

  it('keeps apart what only looks alike when it is written in one line', () => {
    const resources: Attributes[] = [
      { a: text('b'), c: text('d') },
      { a: text('b1:cstring1:d') },
      { a: { type: 'int', value: 1n } },
      { a: text('1') },
      { a: { type: 'bool', value: true } },
      { a: text('true') },
      { ab: text('') },
      { a: text('b') },
      {},
    ]
    expect(idsOf(resources.map((resource, at) => spanOf(String(at), resource)))).toHaveLength(resources.length)
  })

  it('tells by schema, by what was left out, and by scope', () => {
    const spans = [
      spanOf('1', {}),
      spanOf('2', {}, { resourceSchemaUrl: 'https://example.org/1' }),
      spanOf('3', {}, { resourceDroppedAttributes: 1 }),
      spanOf('4', {}, { entityRefs: [{ schemaUrl: '', type: 'host', idKeys: ['host.id'], descriptionKeys: [] }] }),
      spanOf('5', {}, { scope: { name: 'lib', version: '2', attributes: {} } }),
      spanOf('6', {}, { scopeDroppedAttributes: 1 }),
    ]
    expect(idsOf(spans)).toEqual([['1', '5', '6'], ['2'], ['3'], ['4']])
    expect(groupSpans(spans)[0]?.scopes.map(({ spans: list }) => list.length)).toEqual([1, 1, 1])
  })
})
