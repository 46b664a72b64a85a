import { type Identity, jointTenant } from '../../../model/index.ts'
import { Hash64 } from '../../../storage/write/index.ts'
import type { ProtoReader } from '../../../wire/index.ts'
import { AttributePicker } from './attribute-picker.ts'
import type { Books } from './books.ts'
import { CLIENT_SECONDS, EDGES, FAILED, LONELY, REQUESTS, SERVER_SECONDS } from './families.ts'
import { type HasIds, IDS_BYTES } from './latency-histogram.ts'
import { type Half, PendingHalves } from './pending-halves.ts'
import type { Endpoint, Resource } from './resources.ts'
import { type Entry, type SeriesBook, toLabels } from './series-book.ts'
import type { TimedSpan } from './timed-span.ts'

const SERVER = 2
const CLIENT = 3
const PRODUCER = 4
const CONSUMER = 5
const STATUS_ERROR = 2

const TYPES = ['', 'messaging_system', 'database', 'virtual_node'] as const
type ConnectionType = (typeof TYPES)[number]

/** Who calls a service whose trace begins with it. */
const NOBODY_KNOWN = 'user'

const ATTRIBUTES = [
  'peer.service',
  'server.address',
  'network.peer.address',
  'network.peer.port',
  'db.namespace',
  'db.name',
  'db.system.name',
  'db.system',
] as const

/** One end of an edge: a service of a cluster, or just a name. */
type Node = Endpoint | string

interface Edge {
  readonly client: Node
  readonly server: Node
  readonly type: ConnectionType
  /** Undefined: nobody has measured it. */
  readonly clientSeconds: number | undefined
  readonly serverSeconds: number | undefined
  readonly isFailed: boolean
  readonly endMs: number
}

/** What became of the sides of requests. */
export type Fate = 'paired' | 'virtual' | 'unpaired' | 'dropped'

export interface ServiceGraphOptions {
  readonly waitMs: number
  readonly maxPending: number
  /** Told of each side that is counted. */
  readonly onFate: (fate: Fate) => void
}

/**
 * Finds requests between services: the span of a client and the span of a server whose parent it is, or of a producer
 * and a consumer, from whichever clusters they come. A call to a database needs no other side; what does not find one
 * in time becomes a call to or from a node that sends no spans, if its attributes name one.
 *
 * Time is what the log says of when records arrived, so that reading the log again ends in the same.
 */
export class ServiceGraph {
  readonly #books: Books
  readonly #options: ServiceGraphOptions
  readonly #pending: PendingHalves
  readonly #picker = new AttributePicker(ATTRIBUTES)
  readonly #hash = new Hash64()
  /** Of the side that was taken out last. */
  readonly #other = { ids: new Uint8Array(IDS_BYTES) }

  constructor(books: Books, options: ServiceGraphOptions) {
    this.#books = books
    this.#options = options
    this.#pending = new PendingHalves(options.maxPending)
  }

  /** Sides of requests that wait. */
  get pending(): number {
    return this.#pending.size
  }

  /** Takes a span; those that are no side of a request are passed over. */
  add(resource: Resource, reader: ProtoReader, span: TimedSpan, arrivedAtMs: number): void {
    const { kind } = span.record
    if (kind === CLIENT || kind === PRODUCER) this.#addClient(resource, reader, span, arrivedAtMs)
    else if (kind === SERVER || kind === CONSUMER) this.#addServer(resource, reader, span, arrivedAtMs)
  }

  /** Gives up those that have waited long enough at this time. */
  expire(nowMs: number): void {
    const untilMs = nowMs - this.#options.waitMs
    for (;;) {
      const half = this.#pending.takeExpired(untilMs, this.#other.ids)
      if (half === undefined) return
      this.#expireOne(half, nowMs)
    }
  }

  #addClient(resource: Resource, reader: ProtoReader, span: TimedSpan, arrivedAtMs: number): void {
    const { record } = span
    this.#picker.pick(reader, record.attributes)
    const half = toHalf(resource, span, true, this.#peerOfClient())
    const database = record.kind === CLIENT ? this.#databaseName() : undefined
    if (database !== undefined) {
      this.#count(seenByClient(half, database, 'database', span.endMs), span, 'virtual')
      return
    }
    this.#keyOf(reader, record.traceId.start, record.spanId.start)
    this.#pair(half, span, arrivedAtMs)
  }

  #addServer(resource: Resource, reader: ProtoReader, span: TimedSpan, arrivedAtMs: number): void {
    const { record } = span
    if (record.parentSpanId.isEmpty || isZero(reader.bytes, record.parentSpanId.start, record.parentSpanId.end)) {
      this.#picker.pick(reader, record.attributes)
      const client = this.#picker.values[0] ?? NOBODY_KNOWN
      const { endpoint: server, seconds: serverSeconds, isFailed } = toHalf(resource, span, false, undefined)
      const clientSeconds = undefined
      const edge = {
        client,
        server,
        type: 'virtual_node',
        clientSeconds,
        serverSeconds,
        isFailed,
        endMs: span.endMs,
      } as const
      this.#count(edge, span, 'virtual')
      return
    }
    this.#keyOf(reader, record.traceId.start, record.parentSpanId.start)
    this.#pair(toHalf(resource, span, false, undefined), span, arrivedAtMs)
  }

  #pair(half: Half, span: TimedSpan, arrivedAtMs: number): void {
    const hash = this.#hash
    const other = this.#pending.take(hash.low, hash.high, !half.isClient, this.#other.ids)
    if (other === undefined) {
      if (!this.#pending.put(hash, half, arrivedAtMs, span.ids)) this.#countLonely('dropped', half)
      return
    }
    const [client, server] = half.isClient ? [half, other] : [other, half]
    const ids = half.isClient ? this.#other : span
    const edge = {
      client: client.endpoint,
      server: server.endpoint,
      type: client.isMessaging || server.isMessaging ? 'messaging_system' : '',
      clientSeconds: client.seconds,
      serverSeconds: server.seconds,
      isFailed: client.isFailed || server.isFailed,
      endMs: span.endMs,
    } as const
    this.#count(edge, ids, 'paired')
  }

  #expireOne(half: Half, nowMs: number): void {
    if (!half.isClient || half.peer === undefined) {
      this.#countLonely('unpaired', half)
      return
    }
    this.#count(seenByClient(half, half.peer, 'virtual_node', nowMs), this.#other, 'virtual')
  }

  #count(edge: Edge, ids: HasIds, fate: Fate): void {
    const books = this.#books
    const book = books.of(ownerOf(edge))
    if (!books.counts(book)) return
    this.#options.onFate(fate)
    const hash = this.#hash
    hash.start()
    mixNode(hash, edge.client)
    mixNode(hash, edge.server)
    hash.words(TYPES.indexOf(edge.type), 0)
    hash.finish()
    const { low, high } = hash
    const entry = book.find(low, high) ?? this.#addEdge(book, low, high, edge)
    if (entry === undefined) return
    entry.add(REQUESTS, 1)
    entry.add(FAILED, edge.isFailed ? 1 : 0)
    const { serverSeconds, clientSeconds, endMs } = edge
    if (serverSeconds !== undefined) entry.histograms[SERVER_SECONDS]?.observe(serverSeconds, endMs, ids)
    if (clientSeconds !== undefined) entry.histograms[CLIENT_SECONDS]?.observe(clientSeconds, endMs, ids)
  }

  #addEdge(book: SeriesBook, low: number, high: number, edge: Edge): Entry | undefined {
    return book.add({ low, high }, EDGES, () => edgeLabels(edge, book.identity), this.#books.startMs)
  }

  #countLonely(what: keyof typeof LONELY, { endpoint, isClient, isMessaging }: Half): void {
    const books = this.#books
    const book = books.of(endpoint.identity)
    if (!books.counts(book)) return
    this.#options.onFate(what)
    const hash = this.#hash
    hash.start(endpoint.low, endpoint.high)
    hash.text(`${what} ${isClient ? 'client' : 'server'} ${isMessaging ? 'messaging' : ''}`)
    hash.finish()
    const { low, high } = hash
    const labels = (): readonly string[] =>
      toLabels(
        {
          [isClient ? 'client' : 'server']: endpoint.service,
          connection_type: isMessaging ? 'messaging_system' : '',
        },
        book.identity,
      )
    const entry = book.find(low, high) ?? book.add({ low, high }, LONELY[what], labels, books.startMs)
    entry?.add(0, 1)
  }

  /** Leaves the hash of a trace id and a span id in `#hash`. */
  #keyOf(reader: ProtoReader, traceId: number, spanId: number): void {
    const { view } = reader
    const hash = this.#hash
    hash.start()
    hash.words(view.getInt32(traceId, true), view.getInt32(traceId + 4, true))
    hash.words(view.getInt32(traceId + 8, true), view.getInt32(traceId + 12, true))
    hash.words(view.getInt32(spanId, true), view.getInt32(spanId + 4, true))
    hash.finish()
  }

  /** A server that sends no spans, by what the client's span says. */
  #peerOfClient(): string | undefined {
    const [service, address, host, port] = this.#picker.values
    return service ?? address ?? withPort(host, port)
  }

  /** The name of the database that a client called; undefined if it called none. */
  #databaseName(): string | undefined {
    const [service, address, host, port, namespace, name, systemName, system] = this.#picker.values
    const known = namespace ?? name ?? systemName ?? system
    return known === undefined ? undefined : (service ?? address ?? withPort(host, port) ?? known)
  }
}

function mixNode(hash: Hash64, node: Node): void {
  if (typeof node === 'string') hash.text(node)
  else hash.words(node.low, node.high)
}

function withPort(host: string | undefined, port: string | undefined): string | undefined {
  return host === undefined || port === undefined ? host : `${host}:${port}`
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false
  return true
}

function toHalf({ endpoint }: Resource, span: TimedSpan, isClient: boolean, peer: string | undefined): Half {
  const { kind, statusCode } = span.record
  const isMessaging = kind === PRODUCER || kind === CONSUMER
  return { isClient, endpoint, peer, seconds: span.seconds, isFailed: statusCode === STATUS_ERROR, isMessaging }
}

/** Where only the client has measured, the server took as long as the client has waited, for all that is known. */
function seenByClient(half: Half, server: string, type: ConnectionType, endMs: number): Edge {
  const { endpoint: client, seconds, isFailed } = half
  return { client, server, type, clientSeconds: seconds, serverSeconds: seconds, isFailed, endMs }
}

/**
 * Whose an edge is: the server's cluster's, in the tenant of both. Nobody who may read one tenant only shall learn the
 * names of another's services from it.
 */
function ownerOf({ client, server }: Edge): Identity {
  if (typeof server === 'string') return typeof client === 'string' ? NOBODY : client.identity
  if (typeof client === 'string') return server.identity
  const { identity } = server
  const tenant = jointTenant(client.identity.tenant, identity.tenant)
  return tenant === identity.tenant ? identity : { ...identity, tenant }
}

const NOBODY: Identity = { cluster: '', environment: '', region: '', clusterType: '', tenant: '' }

function edgeLabels({ client, server, type }: Edge, identity: Identity): readonly string[] {
  const ends = { ...nodeLabels('client', client), ...nodeLabels('server', server) }
  return toLabels({ ...ends, connection_type: type }, identity)
}

function nodeLabels(side: 'client' | 'server', node: Node): Record<string, string> {
  if (typeof node === 'string') return { [side]: node }
  const { service, identity } = node
  return {
    [side]: service,
    [`${side}_cluster`]: identity.cluster,
    [`${side}_environment`]: identity.environment,
  }
}
