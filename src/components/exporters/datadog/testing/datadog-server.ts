import {
  type VendorAnswer,
  type VendorRequest,
  VendorServer,
} from '../../../../pipeline/destination/testing/vendor-server.ts'
import { OTLP_REQUEST_TYPES, toPlain } from '../../../../wire/testing/otlp-proto.ts'

export interface ReceivedSeries {
  readonly metric: string
  readonly type: number
  readonly interval?: number
  readonly unit?: string
  readonly points: readonly { readonly timestamp: number; readonly value: number }[]
  readonly tags: readonly string[]
  readonly resources?: readonly { readonly name: string; readonly type: string }[]
}

export type ReceivedLog = Readonly<Record<string, unknown>>

const HOUR_S = 3_600

/** Datadog's intakes: what they check, what they keep, and what they drop although they say 202. */
export class DatadogServer {
  readonly series: ReceivedSeries[] = []
  readonly logs: ReceivedLog[] = []
  readonly spans: unknown[] = []
  /** Points and records that were taken with 202 and are not kept: too old, too far ahead. */
  dropped = 0
  nowMs: number
  readonly http: VendorServer

  private constructor(http: VendorServer, nowMs: number) {
    this.http = http
    this.nowMs = nowMs
  }

  static async start(nowMs: number): Promise<DatadogServer> {
    const box: { server?: DatadogServer } = {}
    const http = await VendorServer.start((request) => box.server?.handle(request) ?? { status: 500 })
    box.server = new DatadogServer(http, nowMs)
    return box.server
  }

  /** As settings of a destination. */
  get endpoints(): Readonly<Record<string, string>> {
    const { url } = this.http
    return { metrics: `${url}/api/v2/series`, logs: `${url}/api/v2/logs`, traces: `${url}/v1/traces` }
  }

  handle(request: VendorRequest): VendorAnswer {
    if (request.headers['dd-api-key'] !== 'the-key') return { status: 403, body: '{"errors":["Forbidden"]}' }
    switch (request.url.pathname) {
      case '/api/v2/series':
        return this.#takeSeries(request)
      case '/api/v2/logs':
        return this.#takeLogs(request)
      case '/v1/traces':
        return this.#takeSpans(request)
      default:
        return { status: 404 }
    }
  }

  #takeSeries({ body, wireBytes }: VendorRequest): VendorAnswer {
    if (wireBytes > 512_000 || body.length > 5_242_880) return { status: 413 }
    const { series } = JSON.parse(body.toString()) as { series: ReceivedSeries[] }
    for (const one of series) {
      if (!isSeries(one)) return { status: 400, body: '{"errors":["Payload is not in the expected format"]}' }
      const nowS = this.nowMs / 1_000
      const kept = one.points.filter(({ timestamp }) => timestamp >= nowS - HOUR_S - 1 && timestamp <= nowS + 600)
      this.dropped += one.points.length - kept.length
      this.series.push({ ...one, points: kept })
    }
    return { status: 202, body: '{"errors":[]}' }
  }

  #takeLogs({ body }: VendorRequest): VendorAnswer {
    if (body.length > 5_242_880) return { status: 413 }
    const logs = JSON.parse(body.toString()) as ReceivedLog[]
    if (!Array.isArray(logs) || logs.length > 1_000) return { status: 400 }
    for (const log of logs) {
      const tooLarge = Buffer.byteLength(JSON.stringify(log)) > 1_048_576
      if (tooLarge || typeof log['message'] !== 'string') return { status: 400 }
      if (Number(log['timestamp']) < this.nowMs - 18 * HOUR_S * 1_000) this.dropped += 1
      else this.logs.push(log)
    }
    return { status: 202, body: '{}' }
  }

  #takeSpans({ body, headers }: VendorRequest): VendorAnswer {
    if (headers['content-type'] !== 'application/x-protobuf') return { status: 415 }
    if (body.length > 3_200_000) return { status: 413 }
    const request = toPlain(OTLP_REQUEST_TYPES.traces, body) as {
      resourceSpans?: { scopeSpans?: { spans?: unknown[] }[] }[]
    }
    for (const { scopeSpans = [] } of request.resourceSpans ?? []) {
      for (const { spans = [] } of scopeSpans) this.spans.push(...spans)
    }
    return { status: 202 }
  }
}

function isSeries({ metric, type, interval, points, tags }: ReceivedSeries): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_.]{0,199}$/.test(metric)) return false
  if (![0, 1, 2, 3].includes(type)) return false
  if ((type === 1 || type === 2) && !(Number.isInteger(interval) && (interval ?? 0) > 0)) return false
  if (points.length === 0 || new Set(points.map(({ timestamp }) => timestamp)).size !== points.length) return false
  if (!points.every(({ timestamp, value }) => Number.isInteger(timestamp) && Number.isFinite(value))) return false
  return tags.every((tag) => tag.length <= 200 && tag.includes(':'))
}
