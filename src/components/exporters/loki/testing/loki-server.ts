import protobuf from 'protobufjs'
import { uncompress } from 'snappyjs'
import {
  type VendorAnswer,
  type VendorRequest,
  VendorServer,
} from '../../../../pipeline/destination/testing/vendor-server.ts'

const PushRequest = protobuf
  .parse(
    `syntax = "proto3";
    message PushRequest { repeated Stream streams = 1; }
    message Stream { string labels = 1; repeated Entry entries = 2; uint64 hash = 3; }
    message Entry { Timestamp timestamp = 1; string line = 2; repeated Pair structuredMetadata = 3; }
    message Timestamp { int64 seconds = 1; int32 nanos = 2; }
    message Pair { string name = 1; string value = 2; }`,
  )
  .root.lookupType('PushRequest')

export interface LokiLine {
  readonly tenant: string
  readonly labels: Readonly<Record<string, string>>
  readonly timeNs: bigint
  readonly line: string
  readonly metadata: Readonly<Record<string, string>>
}

interface RawEntry {
  readonly timestamp?: { readonly seconds?: string; readonly nanos?: number }
  readonly line?: string
  readonly structuredMetadata?: readonly { readonly name: string; readonly value?: string }[]
}

export interface LokiOptions {
  /** Whether requests need a tenant (`auth_enabled`). */
  readonly tenants?: boolean
  readonly nowMs: number
}

const WEEK_MS = 7 * 86_400_000
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)=("(?:[^"\\]|\\.)*")(?:, |$)/

/** Loki's push API with its default limits: good lines of a request are kept, the first bad one decides the answer. */
export class LokiServer {
  readonly lines: LokiLine[] = []
  /** Times within a stream that went backwards in one request. */
  disorder = 0
  readonly http: VendorServer
  readonly #options: LokiOptions

  private constructor(http: VendorServer, options: LokiOptions) {
    this.http = http
    this.#options = options
  }

  static async start(options: LokiOptions): Promise<LokiServer> {
    const box: { server?: LokiServer } = {}
    const http = await VendorServer.start((request) => box.server?.handle(request) ?? { status: 500 })
    box.server = new LokiServer(http, options)
    return box.server
  }

  handle({ url, headers, body, method }: VendorRequest): VendorAnswer {
    if (method !== 'POST' || url.pathname !== '/loki/api/v1/push') return { status: 404 }
    const tenant = headers['x-scope-orgid']
    if (this.#options.tenants === true && typeof tenant !== 'string') return { status: 401, body: 'no org id' }
    if (headers['content-type'] !== 'application/x-protobuf') return { status: 415 }
    const streams = PushRequest.toObject(PushRequest.decode(new Uint8Array(uncompress(body))), { longs: String })[
      'streams'
    ] as { labels: string; entries: RawEntry[] }[]
    let problem: string | undefined
    for (const { labels, entries } of streams) {
      const parsed = parseLabels(labels)
      let before = -1n
      for (const raw of entries) {
        const line = toLine(raw, parsed ?? {}, typeof tenant === 'string' ? tenant : 'fake')
        if (line.timeNs < before) this.disorder += 1
        before = line.timeNs
        const wrong = parsed === undefined ? 'could not parse labels' : this.#judge(line)
        if (wrong === undefined) this.lines.push(line)
        else problem ??= wrong
      }
    }
    return problem === undefined ? { status: 204 } : { status: 400, body: problem }
  }

  #judge({ labels, line, metadata, timeNs }: LokiLine): string | undefined {
    const names = Object.keys(labels)
    if (names.length === 0) return 'error at least one label pair is required per stream'
    if (names.length > 15) return 'max_label_names_per_series'
    if (Object.entries(labels).some(([name, value]) => name.length > 1_024 || Buffer.byteLength(value) > 2_048)) {
      return 'label too long'
    }
    if (Buffer.byteLength(line) > 262_144) return 'max entry size exceeded'
    const pairs = Object.entries(metadata)
    if (pairs.length > 128) return 'too many structured metadata'
    if (pairs.reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0) > 65_536)
      return 'structured metadata too large'
    if (pairs.some(([name]) => !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))) return 'structured metadata name'
    const ageMs = this.#options.nowMs - Number(timeNs / 1_000_000n)
    if (ageMs > WEEK_MS) return 'entry has timestamp too old'
    return ageMs < -600_000 ? 'entry has timestamp too new' : undefined
  }
}

function toLine(raw: RawEntry, labels: Readonly<Record<string, string>>, tenant: string): LokiLine {
  const { seconds = '0', nanos = 0 } = raw.timestamp ?? {}
  const pairs = (raw.structuredMetadata ?? []).map(({ name, value = '' }) => [name, value] as const)
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length) throw new Error('metadata with a name twice')
  return {
    tenant,
    labels,
    timeNs: BigInt(seconds) * 1_000_000_000n + BigInt(nanos),
    line: raw.line ?? '',
    metadata: Object.fromEntries(pairs),
  }
}

/** `{a="b", c="d"}` with Go's quotes; undefined if it is not that. */
function parseLabels(text: string): Readonly<Record<string, string>> | undefined {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined
  const labels: Record<string, string> = {}
  let rest = text.slice(1, -1)
  while (rest !== '') {
    const match = LABEL.exec(rest)
    if (match === null) return undefined
    labels[match[1] ?? ''] = JSON.parse(match[2] ?? '""') as string
    rest = rest.slice(match[0].length)
  }
  return labels
}
