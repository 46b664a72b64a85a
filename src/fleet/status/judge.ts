import type { ClusterStatus } from '../../contract/index.ts'
import { clip, renderCount, renderDuration, renderTime } from './words.ts'

/** What is known of a cluster at one moment, as far as its status depends on it. */
export interface Facts {
  readonly nowMs: number
  readonly hubStartedAtMs: number
  /** When a batch or a report last came. */
  readonly heardAtMs?: number
  /** The last refusal of one of its connections, and the first of the unbroken run that it belongs to. */
  readonly refusal?: { readonly atMs: number; readonly sinceMs: number; readonly detail: string }
  readonly certificate?: { readonly notBeforeMs: number; readonly notAfterMs: number }
  readonly lag?: { readonly p99Ms: number }
  /** Of the fullest edge. */
  readonly queue?: { readonly bytes: number; readonly limitBytes: number; readonly records: number }
  /** Items for which the ledger has no account. */
  readonly difference: number
  /** In the last minute. */
  readonly rejected: number
  /** By its edges, in the last minute: data that is gone. */
  readonly dropped: number
  /** Said by an edge within the last minute. */
  readonly edgeError?: string
}

/** One thing that is wrong. The kind tells it apart while its numbers change. */
export interface Problem {
  readonly kind:
    | 'cut-off'
    | 'silent'
    | 'ledger'
    | 'dropped'
    | 'rejected'
    | 'lag'
    | 'queue'
    | 'certificate'
    | 'edge-error'
  /** What, since when (given by the caller, who remembers), and what to do. */
  readonly describe: (sinceMs: number) => string
}

export interface Verdict {
  readonly status: ClusterStatus
  readonly problems: readonly Problem[]
}

const SILENT_AFTER_MS = 60_000
/** An edge reports every 5 s; if it was heard this lately, a refused connection was another one's. */
const HEARD_LATELY_MS = 10_000
/** Edges try again at least every minute; without a new refusal for this long, nobody is trying. */
const REFUSED_LATELY_MS = 5 * 60_000
const LAG_LIMIT_MS = 30_000
const QUEUE_LIMIT = 0.5
/** Certificates are renewed at a third of their life: at a fifth, the renewal has failed. */
const CERTIFICATE_LIMIT = 0.2

export function judge(facts: Facts): Verdict {
  const cutOff = findCutOff(facts)
  if (cutOff !== undefined) return { status: 'cut-off', problems: [cutOff] }
  const { nowMs, heardAtMs, hubStartedAtMs } = facts
  if (heardAtMs === undefined && nowMs - hubStartedAtMs < SILENT_AFTER_MS) return { status: 'unknown', problems: [] }
  if (heardAtMs === undefined || nowMs - heardAtMs >= SILENT_AFTER_MS) {
    return { status: 'silent', problems: [describeSilence(facts)] }
  }
  const problems = [
    findDifference(facts),
    findDropped(facts),
    findRejected(facts),
    findQueue(facts),
    findLag(facts),
    findCertificate(facts),
    findEdgeError(facts),
  ].filter((problem) => problem !== undefined)
  return { status: problems.length === 0 ? 'healthy' : 'degraded', problems }
}

function findCutOff({ nowMs, heardAtMs, refusal, certificate }: Facts): Problem | undefined {
  if (refusal === undefined || nowMs - refusal.atMs >= REFUSED_LATELY_MS) return undefined
  if (heardAtMs !== undefined && (heardAtMs > refusal.atMs || nowMs - heardAtMs < HEARD_LATELY_MS)) return undefined
  const ended = certificate !== undefined && certificate.notAfterMs <= nowMs
  const describe = (): string =>
    ended
      ? `Its certificate ended at ${renderTime(certificate.notAfterMs, nowMs)}; the hub refuses its connections, the edge keeps its data. Issue a certificate.`
      : `The hub refuses its connections since ${renderTime(refusal.sinceMs, nowMs)}: ${refusal.detail}. The edge keeps its data.`
  return { kind: 'cut-off', describe }
}

function describeSilence({ nowMs, heardAtMs, hubStartedAtMs }: Facts): Problem {
  const describe = (): string =>
    heardAtMs === undefined
      ? `Not heard since the hub started at ${renderTime(hubStartedAtMs, nowMs)}. Start its edge, or take it out of the fleet file.`
      : `Not heard since ${renderTime(heardAtMs, nowMs)}. Look whether its edge runs and reaches the hub.`
  return { kind: 'silent', describe }
}

function findDifference({ difference }: Facts): Problem | undefined {
  if (difference === 0) return undefined
  return { kind: 'ledger', describe: () => describeDifference(difference) }
}

export function describeDifference(difference: number): string {
  const count = renderItems(Math.abs(difference))
  return difference > 0
    ? `The ledger does not balance: ${count} accepted and not accounted for. See fleetglass ledger.`
    : `The ledger does not balance: ${count} stored more often than accepted. See fleetglass ledger.`
}

function findDropped({ dropped }: Facts): Problem | undefined {
  if (dropped <= 0) return undefined
  return { kind: 'dropped', describe: () => `Its edge dropped ${renderItems(dropped)} in the last minute.` }
}

function findRejected({ rejected }: Facts): Problem | undefined {
  if (rejected <= 0) return undefined
  return { kind: 'rejected', describe: () => `${renderItems(rejected)} rejected in the last minute.` }
}

function findQueue({ queue }: Facts): Problem | undefined {
  if (queue === undefined || queue.limitBytes <= 0 || queue.bytes <= QUEUE_LIMIT * queue.limitBytes) return undefined
  const percent = Math.round((100 * queue.bytes) / queue.limitBytes)
  const describe = (): string =>
    `The log of its edge is ${String(percent)} % full, ${renderCount(queue.records)} records wait; when it is full, the oldest go.`
  return { kind: 'queue', describe }
}

function findLag({ lag, nowMs }: Facts): Problem | undefined {
  if (lag === undefined || lag.p99Ms <= LAG_LIMIT_MS) return undefined
  const describe = (sinceMs: number): string =>
    `Lag p99 above ${renderDuration(LAG_LIMIT_MS)} since ${renderTime(sinceMs, nowMs)}: ${renderDuration(lag.p99Ms)} from collected to stored.`
  return { kind: 'lag', describe }
}

function findCertificate({ certificate, nowMs }: Facts): Problem | undefined {
  if (certificate === undefined) return undefined
  const leftMs = certificate.notAfterMs - nowMs
  if (leftMs >= CERTIFICATE_LIMIT * (certificate.notAfterMs - certificate.notBeforeMs)) return undefined
  const describe = (): string =>
    leftMs > 0
      ? `Its certificate ends in ${renderDuration(leftMs)}. Issue a certificate.`
      : `Its certificate ended at ${renderTime(certificate.notAfterMs, nowMs)}; its next connection will be refused. Issue a certificate.`
  return { kind: 'certificate', describe }
}

function findEdgeError({ edgeError }: Facts): Problem | undefined {
  if (edgeError === undefined) return undefined
  return { kind: 'edge-error', describe: () => `Its edge reports: ${clip(edgeError)}` }
}

function renderItems(count: number): string {
  return `${renderCount(count)} ${count === 1 ? 'item' : 'items'}`
}
