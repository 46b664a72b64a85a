/** Labels that panels of others group by, so that tables and legends have something to say. */
const LABELS = {
  __name__: 'metric',
  cluster: 'eu-1',
  instance: '10.0.0.1:9100',
  job: 'node',
  nodename: 'host-1',
  pod: 'cart-1',
  ingress: 'shop',
  level: 'error',
}

/** Answers every question of a panel as the hub would: two series, two lines, a trace, two values of each label. */
export function answerAsHub(input: string, init?: RequestInit): Promise<Response> {
  const url = new URL(input, 'http://hub')
  const params = init?.body instanceof URLSearchParams ? init.body : url.searchParams
  return Promise.resolve(Response.json(bodyFor(url.pathname, params)))
}

function bodyFor(path: string, params: URLSearchParams): unknown {
  if (path.endsWith('/query_exemplars')) return { status: 'success', data: [exemplar(Number(params.get('end')))] }
  if (path === '/tempo/api/metrics/query_range') return { series: [traceSeries(params)] }
  if (path === '/tempo/api/metrics/query') return { series: [{ labels: [traceLabel], value: 3 }] }
  if (path === '/tempo/api/search')
    return { traces: [{ traceID: 'a'.repeat(32), startTimeUnixNano: '1795144340000000000' }] }
  if (path.startsWith('/tempo/api/v2/traces/')) return trace
  if (path.startsWith('/tempo/')) return { tagValues: [{ type: 'string', value: 'cart' }], scopes: [] }
  if (path.endsWith('/query_range')) {
    const isLines = path.startsWith('/loki/') && /^\s*\{/.test((params.get('query') ?? '').replaceAll(/#[^\n]*\n/g, ''))
    return isLines ? lines : { status: 'success', data: { resultType: 'matrix', result: series(params) } }
  }
  if (path.endsWith('/query')) return { status: 'success', data: { resultType: 'vector', result: figures(params) } }
  if (path.endsWith('/series')) return { status: 'success', data: [LABELS] }
  return { status: 'success', data: ['alpha', 'eth0'] }
}

const SERIES = [LABELS, { ...LABELS, pod: 'cart-2', instance: '10.0.0.2:9100', le: '+Inf' }]

function series(params: URLSearchParams): unknown {
  const [start, end] = [Number(params.get('start')), Number(params.get('end'))]
  return SERIES.map((metric, at) => ({ metric, values: [start, end].map((time) => [time, String(at + 1)]) }))
}

function figures(params: URLSearchParams): unknown {
  return SERIES.map((metric, at) => ({ metric, value: [Number(params.get('time')), String(at + 1)] }))
}

const lines = {
  status: 'success',
  data: {
    resultType: 'streams',
    result: [
      {
        stream: { app: 'alpha' },
        values: [
          ['1795144340000000000', 'level=error msg="one"'],
          ['1795144330000000000', 'level=info msg="two"'],
        ],
      },
    ],
  },
}

const traceLabel = { key: 'resource.service.name', value: { stringValue: 'cart' } }

function traceSeries(params: URLSearchParams): unknown {
  return {
    labels: [traceLabel],
    samples: [{ timestampMs: String(Number(params.get('start')) * 1_000), value: 0.5 }],
    exemplars: [
      {
        labels: [{ key: 'trace:id', value: { stringValue: 'a'.repeat(32) } }],
        timestampMs: String(Number(params.get('end')) * 1_000),
        value: 0.1,
      },
    ],
  }
}

function exemplar(timestamp: number): unknown {
  return { seriesLabels: LABELS, exemplars: [{ labels: { trace_id: 'a'.repeat(32) }, value: '0.2', timestamp }] }
}

const trace = {
  trace: {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] },
        scopeSpans: [
          {
            spans: [{ spanId: 'a'.repeat(16), name: 'GET', startTimeUnixNano: '1000000', endTimeUnixNano: '5000000' }],
          },
        ],
      },
    ],
  },
}
