import { expect, it } from 'vitest'
import { isIgnored, labelsIn, readList, writeList } from './ignore.ts'
import { compareOperations } from './operations.ts'
import { compareVersions, splitImage, toRunning } from './versions.ts'

it.each([
  ['app', 'app', 'latest'],
  ['app:1.2', 'app', '1.2'],
  ['docker.io/library/app:1.2', 'library/app', '1.2'],
  ['registry:5000/team/app', 'team/app', 'latest'],
  ['registry:5000/team/app:2@sha256:0123456789abcdef0123', 'team/app', '2'],
  ['localhost/app@sha256:0123456789abcdef0123', 'app', 'sha256:0123456789ab'],
])('the image %s is %s in version %s', (image, name, version) => {
  expect(splitImage(image)).toEqual({ name, version })
})

it('says which versions run on one side and not on the other', () => {
  const row = (labels: Readonly<Record<string, string>>): Parameters<typeof toRunning>[0] => ({ labels, value: '1' })
  const a = [
    row({ job: 'shop/checkout', service_version: '1.4.2' }),
    row({ job: 'shop/only', service_version: '1' }),
    row({ __name__: 'prometheus_build_info', version: '3.1.0' }),
    row({ image: 'quay.io/kube-state-metrics:2.13.0' }),
    row({ kubelet_version: 'v1.31.2' }),
    row({ job: 'nothing' }),
  ]
  const b = [
    row({ job: 'shop/checkout', service_version: '1.5.0' }),
    row({ job: 'shop/checkout', service_version: '1.4.2' }),
    row({ __name__: 'prometheus_build_info', version: '3.1.0' }),
    row({ image: 'quay.io/kube-state-metrics:2.15.0' }),
    row({ kubelet_version: 'v1.31.2' }),
  ]
  const running = [a, b].map((rows) => rows.map(toRunning).filter((one) => one !== undefined))
  expect(compareVersions(running).map(({ name, state, versions }) => [name, state, versions])).toEqual([
    ['shop/checkout', 'differs', [['1.4.2'], ['1.4.2', '1.5.0']]],
    ['kube-state-metrics', 'differs', [['2.13.0'], ['2.15.0']]],
    ['shop/only', 'missing', [['1'], []]],
    ['prometheus', 'same', [['3.1.0'], ['3.1.0']]],
    ['kubelet', 'same', [['v1.31.2'], ['v1.31.2']]],
  ])
})

it('puts operations of two sides beside each other, those farthest apart first', () => {
  const of = (service: string, span: string, value: number, status = 'STATUS_CODE_UNSET') => ({
    labels: { service, span_name: span, status_code: status },
    value: String(value),
  })
  const sides = [
    {
      requests: [of('pay', 'GET /', 3), of('pay', 'GET /', 1, 'STATUS_CODE_ERROR'), of('cart', 'GET /', 1)],
      p95: [of('pay', 'GET /', 0.2), of('cart', 'GET /', 0.1)],
    },
    { requests: [of('pay', 'GET /', 5), of('new', 'GET /', 1)], p95: [of('pay', 'GET /', 0.5)] },
  ]
  const found = compareOperations(sides)
  expect(found.map(({ service }) => service)).toEqual(['pay', 'cart', 'new'])
  expect(found[0]?.sides).toMatchObject([
    { requests: 4, failed: 1, p95S: 0.2 },
    { requests: 5, failed: 0 },
  ])
  expect(found[0]?.differenceS).toBeCloseTo(-0.3)
  expect(found[1]?.sides[1]).toBeUndefined()
})

it('reads and writes lists of what is ignored, and knows what is on them', () => {
  expect(readList(' pod, instance\n,le')).toEqual(['pod', 'instance', 'le'])
  expect(writeList(['a', 'b', 'a'])).toBe('a,b')
  expect(writeList([])).toBeUndefined()
  expect(isIgnored('{job="Edge", pod="x-1"}', ['job="edge*x-'])).toBe(true)
  expect(isIgnored('{job="edge"}', ['x', 'edge*job'])).toBe(false)
  expect(isIgnored('{job="edge"}', [])).toBe(false)
  const series = [
    { labels: { cluster: 'a', pod: 'p', job: 'j' }, values: [] },
    { labels: { job: 'j' }, values: [] },
  ]
  expect(labelsIn([series], new Set(['cluster']))).toEqual(['job', 'pod'])
})
