import type { WriteHead, WriteResponse } from '../../../pipeline/ingest/index.ts'

/** Which requests that are no writing at all senders need an answer to, and which. Everything lies below `/elastic`. */
export interface Probe {
  readonly methods: readonly string[]
  readonly path: RegExp
  answer(head: WriteHead): WriteResponse
}

const DEFAULT_VERSION = '8.17.0'

/** By these names clients of Elasticsearch say which version they are; they refuse a server that is older. */
const CLIENT_VERSION = /^(?:Elastic-[A-Za-z-]+|elasticsearch-[a-z]+|Filebeat|Metricbeat|Logstash)\/(\d+\.\d+\.\d+)/i

const READ = ['GET', 'HEAD'] as const
const READ_PUT = ['GET', 'HEAD', 'PUT'] as const

/**
 * The part of Elasticsearch that Filebeat, Logstash and the clients ask for before they write. Templates, policies and
 * pipelines are accepted and have no effect: there is one schema.
 */
export const PROBES: readonly Probe[] = [
  { methods: READ, path: /^\/elastic\/?$/, answer: ({ headers }) => json(describeServer(headers['user-agent'])) },
  {
    methods: READ,
    path: /^\/elastic\/_license$/,
    answer: () => json({ license: { uid: 'fleetglass', type: 'basic', status: 'active' } }),
  },
  {
    methods: READ,
    path: /^\/elastic\/_xpack$/,
    answer: () => json({ build: {}, features: {}, license: { type: 'basic', status: 'active' } }),
  },
  {
    methods: READ,
    path: /^\/elastic\/_cluster\/health(?:\/[^/]+)?$/,
    answer: () => json({ cluster_name: 'fleetglass', status: 'green', timed_out: false }),
  },
  {
    methods: READ_PUT,
    path: /^\/elastic\/_(?:ilm\/policy|index_template|component_template|template|data_stream)\/[^/]+$/,
    answer: ({ method }) => json(method === 'PUT' ? { acknowledged: true } : {}),
  },
  {
    methods: READ_PUT,
    path: /^\/elastic\/_ingest\/pipeline(?:\/[^/]+)?$/,
    answer: ({ method }) => json(method === 'PUT' ? { acknowledged: true } : {}),
  },
  { methods: READ, path: /^\/elastic\/_(?:nodes|logstash\/pipeline)(?:\/.*)?$/, answer: () => json({}) },
]

/** On every answer; the official clients speak to no server that does not say it. */
export const ELASTIC_HEADERS = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' } as const

export function json(body: object, status = 200): WriteResponse {
  return { status, headers: ELASTIC_HEADERS, body: JSON.stringify(body) }
}

function describeServer(userAgent = ''): object {
  return {
    name: 'fleetglass',
    cluster_name: 'fleetglass',
    cluster_uuid: 'fleetglass',
    version: {
      number: CLIENT_VERSION.exec(userAgent)?.[1] ?? DEFAULT_VERSION,
      build_flavor: 'default',
      build_type: 'tar',
      minimum_wire_compatibility_version: '7.17.0',
      minimum_index_compatibility_version: '7.0.0',
    },
    tagline: 'You Know, for Search',
  }
}
