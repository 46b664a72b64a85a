import type { HttpAnswer, Outcome } from '../../../pipeline/destination/index.ts'
import { retryAfterOf, toStatusOutcome } from '../../../pipeline/destination/index.ts'
import type { RemoteWriteRequest } from './request.ts'

type Answer = Extract<HttpAnswer, { readonly t: 'answer' }>

/**
 * What servers say when they refuse single samples, in the words of Prometheus, Mimir, Thanos and VictoriaMetrics. The
 * text itself is not passed on: it quotes series.
 */
const REASONS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/out[- ]of[- ]order/i, 'out_of_order'],
  [/duplicate[- ](sample|timestamp)/i, 'duplicate'],
  [/too[- ]old|out of bounds|too far in the past/i, 'too_old'],
  [/too[- ]far[- ]in[- ](the[- ])?future/i, 'too_new'],
  [/label|metric name/i, 'bad_labels'],
  [/histogram|bucket/i, 'bad_histogram'],
  [/max-series|series limit|limit.*series/i, 'series_limit'],
]

/** What an answer means that is no success. */
export function toOutcome(answer: Answer, request: RemoteWriteRequest, nowMs: number): Outcome<RemoteWriteRequest> {
  const { status, headers, body } = answer
  // Here, other than in OTLP, each 5xx is to be sent again.
  if (status >= 500) {
    const afterMs = retryAfterOf(headers, nowMs)
    return { t: 'retry', detail: `HTTP status ${String(status)}`, ...(afterMs === undefined ? {} : { afterMs }) }
  }
  const outcome = toStatusOutcome(answer, nowMs)
  if (outcome.t !== 'refused') return outcome
  const known = REASONS.find(([pattern]) => pattern.test(body.toString('latin1')))?.[1]
  const reason = known ?? outcome.reason
  const detail = `${outcome.detail}: ${reason.replaceAll('_', ' ')}`
  const left = leftOut(answer, request)
  // The good part is written. If it is many, looking for each of them would cost more than they are worth.
  if (left !== undefined && left > MAX_SEARCHED) return { t: 'delivered', undelivered: [{ reason, items: left }] }
  return { t: 'refused', reason, detail, ...(known === undefined ? {} : { certain: true }) }
}

/** So many refused samples of a request that was written in part are looked for, to be put aside. */
const MAX_SEARCHED = 64

/** How many samples were not written, if the server says how many were; undefined if that is none of them. */
function leftOut(answer: Answer, request: RemoteWriteRequest): number | undefined {
  const written = writtenCount(answer)
  return written === undefined || written === 0 ? undefined : Math.max(0, request.items - written)
}

/** By the headers of remote write 2.0: samples and histograms; undefined where there are none. */
export function writtenCount({ headers }: Pick<Answer, 'headers'>): number | undefined {
  const counts = ['samples', 'histograms', 'exemplars'].map(
    (what) => headers[`x-prometheus-remote-write-${what}-written`],
  )
  if (counts.every((count) => count === undefined)) return undefined
  const [samples, histograms] = counts.map((count) => (typeof count === 'string' ? Number.parseInt(count, 10) : 0))
  return (samples ?? 0) + (histograms ?? 0)
}
