import { describe, expect, it } from 'vitest'
import { type OtlpMetricKind, toLabelName, toMetricName, toMetricUnit } from './metric-names.ts'

describe('toMetricName', () => {
  it.each<readonly [name: string, unit: string, kind: OtlpMetricKind, expected: string | undefined]>([
    ['k8s.node.cpu.utilization', '1', 'gauge', 'k8s_node_cpu_utilization_ratio'],
    ['http.server.request.duration', 's', 'histogram', 'http_server_request_duration_seconds'],
    ['requests.count', '', 'counter', 'requests_count_total'],
    ['network.io', 'By/s', 'gauge', 'network_io_bytes_per_second'],
    ['requests', '{request}', 'counter', 'requests_total'],
    ['requests', '{request}/s', 'gauge', 'requests_per_second'],
    ['requests', '1', 'counter', 'requests_total'],
    ['queue.length', '1', 'updowncounter', 'queue_length'],
    ['total.requests', '', 'counter', 'requests_total'],
    ['ratio.of.hits', '1', 'gauge', 'of_hits_ratio'],
    ['process.runtime.seconds', 's', 'gauge', 'process_runtime_seconds'],
    ['seconds.spent', 's', 'gauge', 'seconds_spent'],
    ['system.cpu.time', 's', 'counter', 'system_cpu_time_seconds_total'],
    ['memory', 'MiBy', 'gauge', 'memory_mebibytes'],
    ['speed', 'm/s', 'gauge', 'speed_meters_per_second'],
    ['rate', 'packets/m', 'gauge', 'rate_packets_per_minute'],
    ['fill', '%', 'gauge', 'fill_percent'],
    ['odd', 'kg.m^2', 'gauge', 'odd_kg_m_2'],
    ['a__b..c', '', 'gauge', 'a_b_c'],
    ['_private_', '', 'gauge', 'private'],
    ['rule:sum', '', 'gauge', 'rule:sum'],
    ['2xx.responses', '', 'gauge', '_2xx_responses'],
    ['größe', 'By', 'gauge', 'gr_e_bytes'],
    ['x', ' s / s ', 'gauge', 'x_seconds_per_second'],
    ['x', '/', 'gauge', 'x'],
    ['x', 'constructor', 'gauge', 'x_constructor'],
    ['..', '', 'gauge', undefined],
    ['', '', 'gauge', undefined],
  ])('%s in %s as %s is %s', (name, unit, kind, expected) => {
    expect(toMetricName(name, unit, kind)).toBe(expected)
  })
})

describe('toMetricName, other strategies', () => {
  it.each([
    ['UnderscoreEscapingWithoutSuffixes', 'http.server.duration', 's', 'histogram', 'http_server_duration'],
    ['UnderscoreEscapingWithoutSuffixes', 'requests__count..x', '', 'counter', 'requests_count_x'],
    ['UnderscoreEscapingWithoutSuffixes', '2xx', '', 'gauge', '_2xx'],
    ['NoUTF8EscapingWithSuffixes', 'http.server.duration', 's', 'histogram', 'http.server.duration_seconds'],
    ['NoUTF8EscapingWithSuffixes', 'requests', '', 'counter', 'requests_total'],
    ['NoUTF8EscapingWithSuffixes', 'requests_total', '', 'counter', 'requests_total'],
    ['NoUTF8EscapingWithSuffixes', 'cpu.utilization', '1', 'gauge', 'cpu.utilization_ratio'],
    ['NoUTF8EscapingWithSuffixes', 'größe', 'By/s', 'gauge', 'größe_bytes_per_second'],
    ['NoTranslation', 'http.server.duration', 's', 'counter', 'http.server.duration'],
  ] as const)('%s: %s in %s as %s is %s', (strategy, name, unit, kind, expected) => {
    expect(toMetricName(name, unit, kind, strategy)).toBe(expected)
  })
})

describe('toMetricUnit', () => {
  it.each([
    ['s', 'seconds'],
    ['By/s', 'bytes_per_second'],
    ['{request}', ''],
    ['1', ''],
    ['', ''],
    ['widgets', 'widgets'],
  ])('%s is %s', (unit, expected) => {
    expect(toMetricUnit(unit)).toBe(expected)
  })
})

describe('toLabelName', () => {
  it.each([
    ['http.request.method', 'http_request_method'],
    ['already_fine', 'already_fine'],
    ['a..b', 'a__b'],
    ['0day', 'key_0day'],
    ['_hidden', 'key_hidden'],
    ['.dotted', 'key_dotted'],
    ['__meta__', '__meta__'],
    ['ä', 'key_'],
    ['😀x', 'key_x'],
    ['', ''],
  ])('%s is %s', (attribute, expected) => {
    expect(toLabelName(attribute)).toBe(expected)
  })
})
