import { describe, expect, it } from 'vitest'
import { readSpans, toHex, type TraceSpan } from './span.ts'
import { buildTree, sumOperations, visibleNodes } from './tree.ts'

const span = (
  id: string,
  parentId: string | undefined,
  startMs: number,
  endMs: number,
  more: Partial<TraceSpan> = {},
): TraceSpan => ({
  id,
  parentId,
  startMs: 1_000 + startMs,
  endMs: 1_000 + endMs,
  name: id,
  kind: 'server',
  service: 's',
  cluster: 'a',
  environment: 'prd',
  isError: false,
  statusMessage: '',
  scope: '',
  attributes: {},
  resource: {},
  events: [],
  links: [],
  ...more,
})

const trace = [
  span('root', undefined, 0, 100),
  span('late', 'root', 60, 90),
  span('early', 'root', 10, 50),
  span('deep', 'early', 20, 40, { isError: true }),
]

it('stands in the order of the waterfall', () => {
  const tree = buildTree(trace, true)
  expect(tree.nodes.map(({ span: { id }, depth }) => `${depth}${id}`)).toEqual(['0root', '1early', '2deep', '1late'])
  expect(tree.durationMs).toBe(100)
  expect(tree.originMs).toBe(1_000)
})

it('tells own time and the critical path, which add up to the duration', () => {
  const tree = buildTree(trace, true)
  expect(tree.nodes.map(({ selfMs }) => selfMs)).toEqual([30, 20, 20, 30])
  const critical = Object.fromEntries(tree.nodes.map(({ span: { id }, critical: parts }) => [id, parts]))
  expect(critical).toEqual({
    root: [
      [90, 100],
      [50, 60],
      [0, 10],
    ],
    late: [[60, 90]],
    early: [
      [40, 50],
      [10, 20],
    ],
    deep: [[20, 40]],
  })
  expect(sumOperations(tree.nodes).reduce((sum, { criticalMs }) => sum + criticalMs, 0)).toBe(100)
})

it('a span that runs beside the one that is waited for is not on the path', () => {
  const tree = buildTree([span('root', undefined, 0, 100), span('x', 'root', 0, 95), span('y', 'root', 0, 50)], true)
  expect(tree.byId.get('y')?.critical).toEqual([])
})

it('spans without their parent, and circles, are roots', () => {
  const tree = buildTree([span('a', 'gone', 0, 1), span('b', 'c', 2, 3), span('c', 'b', 2, 3)], true)
  expect(tree.nodes).toHaveLength(3)
  expect(tree.orphans).toBe(1)
})

describe('clocks that differ', () => {
  const crossing = [
    span('call', undefined, 0, 100, { kind: 'client' }),
    span('answer', 'call', 130, 170, { cluster: 'b' }),
    span('inside', 'answer', 140, 150, { cluster: 'b', kind: 'internal' }),
  ]

  it('are corrected, with the amount', () => {
    const tree = buildTree(crossing, true)
    expect(tree.skews).toEqual([{ cluster: 'b', aheadMs: 100, spans: 2 }])
    expect(tree.nodes.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [0, 100],
      [30, 70],
      [40, 50],
    ])
  })

  it('stay as recorded on request', () => {
    expect(buildTree(crossing, false).nodes[1]?.startMs).toBe(130)
  })

  it('are left alone where nothing is proven', () => {
    const plausible = [crossing[0], span('answer', 'call', 10, 40, { cluster: 'b' })].filter((one) => one !== undefined)
    expect(buildTree(plausible, true).skews).toEqual([])
  })

  it('a message that is not waited for proves nothing', () => {
    const sent = [
      span('send', undefined, 0, 5, { kind: 'producer' }),
      span('take', 'send', 90, 99, { cluster: 'b', kind: 'consumer' }),
    ]
    expect(buildTree(sent, true).skews).toEqual([])
  })
})

it('folds a whole part away', () => {
  const { nodes } = buildTree(trace, true)
  expect(visibleNodes(nodes, new Set(['early'])).map(({ span: { id } }) => id)).toEqual(['root', 'early', 'late'])
})

it('takes ten thousand spans, also in one chain', () => {
  const chain = Array.from({ length: 10_000 }, (_, i) => span(`${i}`, i === 0 ? undefined : `${i - 1}`, i, 20_000 - i))
  expect(buildTree(chain, true).nodes.at(-1)?.depth).toBe(9_999)
})

it('reads OTLP JSON with ids in either form', () => {
  expect(toHex('e8yBnd0tW84=')).toBe('7bcc819ddd2d5bce')
  expect(toHex('7BCC819DDD2D5BCE')).toBe('7bcc819ddd2d5bce')
  const [read] = readSpans({
    trace: {
      resourceSpans: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { stringValue: 'x' } },
              { key: 'k8s.cluster.name', value: { stringValue: 'c' } },
            ],
          },
          scopeSpans: [
            {
              spans: [
                {
                  spanId: 'e8yBnd0tW84=',
                  startTimeUnixNano: '1795277259935000123',
                  endTimeUnixNano: '1795277261007281344',
                  status: { code: 'STATUS_CODE_ERROR', message: 'no' },
                  attributes: [{ key: 'n', value: { intValue: '7' } }],
                },
              ],
            },
          ],
        },
      ],
    },
  })
  expect(read).toMatchObject({
    id: '7bcc819ddd2d5bce',
    service: 'x',
    cluster: 'c',
    isError: true,
    attributes: { n: '7' },
  })
  expect(read?.startMs).toBeCloseTo(1_795_277_259_935.000_1, 3)
})
