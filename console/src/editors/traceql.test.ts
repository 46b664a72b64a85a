import { expect, it } from 'vitest'
import { tracePlaceOf } from './traceql.ts'

it.each([
  ['{', { kind: 'field', from: 1 }],
  ['{ res', { kind: 'field', from: 2 }],
  ['{ status = error && resource.serv', { kind: 'field', from: 20 }],
  ['{ resource.service.name = "che', { kind: 'value', tag: 'resource.service.name', from: 27, isQuoted: true }],
  ['{ status = er', { kind: 'value', tag: 'status', from: 11, isQuoted: false }],
  ['{} | ra', { kind: 'pipe', from: 5 }],
  ['{} || ', undefined],
  ['{} ', undefined],
] as const)('%s', (before, place) => expect(tracePlaceOf(before)).toEqual(place))
