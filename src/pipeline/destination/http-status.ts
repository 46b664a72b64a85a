import type { HttpAnswer } from './http-client.ts'
import { retryAfterOf } from './http-client.ts'
import type { Outcome } from './protocol.ts'

type Answer = Extract<HttpAnswer, { readonly t: 'answer' }>
type Verdict = Extract<Outcome, { readonly t: 'retry' | 'misconfigured' | 'refused' | 'too-large' }>

/** Our credentials or our address: nothing that is wrong with the data. */
const SETTINGS: ReadonlySet<number> = new Set([401, 402, 403, 404, 405, 407, 415])
const LATER: ReadonlySet<number> = new Set([408, 425, 429])

/**
 * What an HTTP status above 299 means where the vendor does not say otherwise. The body is not looked at: vendors quote
 * what they refuse.
 */
export function toStatusOutcome({ status, headers }: Answer, nowMs: number): Verdict {
  const detail = `HTTP status ${String(status)}`
  if (status === 413) return { t: 'too-large', detail }
  if (LATER.has(status) || status >= 500) {
    const afterMs = retryAfterOf(headers, nowMs)
    return { t: 'retry', detail, ...(afterMs === undefined ? {} : { afterMs }) }
  }
  if (status < 400) return { t: 'misconfigured', detail: `${detail}: is the address right?` }
  if (SETTINGS.has(status)) return { t: 'misconfigured', detail }
  return { t: 'refused', reason: `http_${String(status)}`, detail }
}
