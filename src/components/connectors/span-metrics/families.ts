/** A metric that is derived: its name without what a histogram appends, and what it says of itself. */
export interface Family {
  readonly name: string
  readonly help: string
}

/** The families that have their labels, and so their life, in common. */
export interface Shape {
  readonly gauges: readonly Family[]
  readonly counters: readonly Family[]
  /** Of seconds. */
  readonly histograms: readonly Family[]
  /** The labels of what is counted together when a cluster has too many series; absent: it is left out. */
  readonly overflow?: Readonly<Record<string, string>>
}

const OVERFLOW = 'overflow'
const MARK = { metric_overflow: 'true' }

export const SPANS: Shape = {
  gauges: [],
  counters: [
    { name: 'traces_spanmetrics_calls_total', help: 'Spans.' },
    { name: 'traces_spanmetrics_size_total', help: 'Bytes of spans, as sent.' },
  ],
  histograms: [{ name: 'traces_spanmetrics_latency', help: 'Duration of spans in seconds.' }],
  overflow: { service: OVERFLOW, span_name: OVERFLOW, ...MARK },
}

export const CALLS = 0
export const SIZE = 1

export const EDGES: Shape = {
  gauges: [],
  counters: [
    { name: 'traces_service_graph_request_total', help: 'Requests between two services.' },
    { name: 'traces_service_graph_request_failed_total', help: 'Requests between two services that failed.' },
  ],
  histograms: [
    {
      name: 'traces_service_graph_request_server_seconds',
      help: 'Duration of requests between two services as the server sees it.',
    },
    {
      name: 'traces_service_graph_request_client_seconds',
      help: 'Duration of requests between two services as the client sees it.',
    },
  ],
  overflow: { client: OVERFLOW, server: OVERFLOW, ...MARK },
}

export const REQUESTS = 0
export const FAILED = 1
export const SERVER_SECONDS = 0
export const CLIENT_SECONDS = 1

const UNPAIRED: Shape = {
  gauges: [],
  counters: [
    {
      name: 'traces_service_graph_unpaired_spans_total',
      help: 'Spans of requests whose other side did not come in time.',
    },
  ],
  histograms: [],
  overflow: MARK,
}

const DROPPED: Shape = {
  gauges: [],
  counters: [
    {
      name: 'traces_service_graph_dropped_spans_total',
      help: 'Spans of requests that could not wait for their other side, because too many did.',
    },
  ],
  histograms: [],
  overflow: MARK,
}

/** What becomes of one side of a request that does not find the other. */
export const LONELY = { unpaired: UNPAIRED, dropped: DROPPED } as const

export const TARGETS: Shape = {
  gauges: [{ name: 'traces_target_info', help: 'The attributes of the resources that sent spans.' }],
  counters: [],
  histograms: [],
}
