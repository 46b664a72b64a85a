import { describe, expect, it } from 'vitest'
import { toText } from './quantity.ts'
import { guessUnit, toQuantity, type Unit } from './units.ts'

describe('toQuantity', () => {
  it.each<[number | null, Unit, string]>([
    [0, 'seconds', '0'],
    [0.773, 'seconds', '773 ms'],
    [0.9999, 'seconds', '1 s'],
    [1.84, 'seconds', '1.84 s'],
    [0.000_042, 'seconds', '42 µs'],
    [600, 'seconds', '10 min'],
    [1_536, 'bytes', '1.5 KiB'],
    [1_023.9, 'bytes', '1 KiB'],
    [61_200, 'per-second', '61.2 k/s'],
    [0.04, 'per-second', '0.04 /s'],
    [0.033, 'percentunit', '3.3 %'],
    [42, 'percent', '42 %'],
    [2.5e6, 'decbytes', '2.5 MB'],
    [999_700, 'short', '1 M'],
    [1_234, 'none', '1234'],
    [-12.345, 'celsius', '−12.3 °C'],
    [350, 'watts', '350 W'],
    [null, 'short', 'no data'],
    [Number.NaN, 'short', 'no data'],
    [Number.POSITIVE_INFINITY, 'seconds', '+∞'],
    [0.000_000_4, 'short', '4.0e−7'],
  ])('%s in %s is %s', (value, unit, expected) => {
    expect(toText(toQuantity(value, unit)).replaceAll('\u00a0', ' ')).toBe(expected)
  })
})

describe('guessUnit', () => {
  it.each<[string, Unit]>([
    ['histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))', 'seconds'],
    ['sum by (cluster) (rate(http_requests_total{code=~"5.."}[5m]))', 'per-second'],
    ['rate(a_total{x="y"}[5m]) / rate(b_total[5m])', 'percentunit'],
    ['process_resident_memory_bytes', 'bytes'],
    ['rate(container_network_receive_bytes_total[5m])', 'bytes/s'],
    ['histogram_quantile(0.95, rate(traces_spanmetrics_latency_bucket[5m]))', 'seconds'],
    ['up', 'short'],
    ['DCGM_FI_DEV_GPU_TEMP{gpu="0"}', 'celsius'],
    ['rate(http_request_duration_seconds_sum[5m]) / rate(http_request_duration_seconds_count[5m])', 'seconds'],
  ])('%s', (query, unit) => expect(guessUnit(query)).toBe(unit))
})
