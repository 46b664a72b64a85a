import { describe, expect, it } from 'vitest'
import { isTraceId, isTraceMetrics, traceQueryOf } from './trace-query.ts'

describe('queries of traces', () => {
  it.each([
    ['{ status = error } | rate() by (resource.service.name)', true],
    ['{} | quantile_over_time(duration, .99)', true],
    ['{ name = "| rate()" }', false],
    ['{} | count() > 3', false],
  ])('%s asks for series: %s', (query, expected) => expect(isTraceMetrics(query)).toBe(expected))

  it.each([
    ['4bf92f3577b34da6a3ce929d0e0e4736', true],
    ['{}', false],
  ])('%s is a trace: %s', (query, expected) => expect(isTraceId(query)).toBe(expected))

  it('are written of filters', () => {
    const filters = [
      { id: 'a', tag: 'service.name', scope: 'resource', operator: '=', value: ['cart', 'pay'], valueType: 'string' },
      { id: 'b', tag: 'duration', operator: '>', value: '100ms', valueType: 'duration' },
      { id: 'c', tag: 'status', scope: 'intrinsic', operator: '=', value: 'error', valueType: 'keyword' },
      { id: 'd', tag: 'http.status_code', scope: 'span', operator: '>=', value: ['500'], valueType: 'int' },
      { id: 'e', tag: 'name', scope: 'span', operator: '=~', value: ['GET.*', 'PUT.*'], valueType: 'string' },
      { id: 'f', tag: 'team', scope: 'unscoped', operator: '!=', value: ['x'], valueType: 'string' },
      { id: 'empty', tag: 'name', operator: '=', value: [] },
    ]
    expect(traceQueryOf({ queryType: 'traceqlSearch', filters })).toBe(
      '{ (resource.service.name="cart" || resource.service.name="pay") && duration>100ms && status=error' +
        ' && span.http.status_code>=500 && name=~"GET.*|PUT.*" && .team!="x" }',
    )
    expect(traceQueryOf({ queryType: 'traceqlSearch', filters: [] })).toBe('{}')
  })

  it('are written of the form before it', () => {
    expect(
      traceQueryOf({
        queryType: 'nativeSearch',
        serviceName: 'cart',
        spanName: 'GET /',
        search: 'http.status_code=500 db="a b"',
        minDuration: '100ms',
      }),
    ).toBe(
      '{ resource.service.name="cart" && name="GET /" && duration>=100ms && .http.status_code="500" && .db="a b" }',
    )
  })
})
