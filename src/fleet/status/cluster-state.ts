import type { ClusterSnapshot, ClusterStatus, FleetEvent } from '../../contract/index.ts'
import type { EdgeReport, Identity, Signal } from '../../model/index.ts'
import type { CertificateInfo } from '../../pki/index.ts'
import { Buckets } from '../../core/index.ts'
import { Certificates, type PresentedCertificate } from './certificates.ts'
import { Counts } from './counts.ts'
import { Edges, type HeardEdge } from './edges.ts'
import { History } from './history.ts'
import { describeDifference, type Facts, judge } from './judge.ts'
import { LagWindow } from './lag-window.ts'
import { type RejectionAbout, Rejections } from './rejections.ts'
import { clip, renderTime } from './words.ts'

/** An edge counts as connected while it has reported within three of its intervals. */
const REPORTED_LATELY_MS = 15_000
/** Connections have a maximum age and are made anew; only a pause longer than this is news. */
const DISCONNECTED_AFTER_MS = 10_000
/** Edges that are refused try again and again; one event says it for this long. */
const REFUSED_AGAIN_MS = 5 * 60_000
const MINUTE_SECONDS = 60

/** What the hub's books say of one cluster, in items. */
export interface ClusterLedger {
  /** In the log, or refused at the door. */
  readonly accepted: number
  readonly stored: number
  readonly rejected: number
  readonly queued: number
  readonly deduplicated: number
  readonly difference: number
  /** Letters on the hub. */
  readonly deadLetters: number
}

const EMPTY_LEDGER: ClusterLedger = {
  accepted: 0,
  stored: 0,
  rejected: 0,
  queued: 0,
  deduplicated: 0,
  difference: 0,
  deadLetters: 0,
}

type Announce = (kind: FleetEvent['kind'], message: string) => void

/** Everything the hub knows of one cluster, as it goes. Its methods take the time, so that all parts see the same. */
export class ClusterState {
  readonly identity: Identity
  readonly #hubStartedAtMs: number
  readonly #announce: Announce
  readonly #history: History
  readonly #lag = new LagWindow()
  readonly #edges = new Edges()
  readonly #certificates = new Certificates()
  readonly #rejectedBy = new Counts()
  readonly #rejections = new Rejections()
  readonly #rejectedLately = new Buckets(1_000, MINUTE_SECONDS + 2)
  readonly #droppedLately = new Buckets(1_000, MINUTE_SECONDS + 2)
  #ledger: ClusterLedger = EMPTY_LEDGER
  #difference = 0
  #overwritten = 0
  #heardAtMs: number | undefined
  #refusal: { readonly atMs: number; readonly sinceMs: number; readonly detail: string } | undefined
  #refusalAnnouncedAtMs = -Infinity
  #connections = 0
  #disconnectedAtMs = -Infinity
  #isConnected = false
  #status: ClusterStatus = 'unknown'
  #statusSinceMs: number
  #reason: string | undefined
  #problemSinceMs = new Map<string, number>()

  constructor(identity: Identity, hubStartedAtMs: number, announce: Announce) {
    this.identity = identity
    this.#hubStartedAtMs = hubStartedAtMs
    this.#announce = announce
    this.#history = new History(hubStartedAtMs)
    this.#statusSinceMs = hubStartedAtMs
  }

  get status(): ClusterStatus {
    return this.#status
  }

  get heardAtMs(): number | undefined {
    return this.#heardAtMs
  }

  certificate(nowMs: number): CertificateInfo | undefined {
    return this.#certificates.current(nowMs)
  }

  edges(): readonly HeardEdge[] {
    return this.#edges.list()
  }

  queueBytes(): number | undefined {
    return this.#edges.queue()?.bytes
  }

  accepted(nowMs: number, signal: Signal, items: number): void {
    this.#hear(nowMs)
    this.#history.add(nowMs, signal, items)
  }

  /** Refused at the door. Returns the reason it was counted under. */
  rejected(nowMs: number, reason: string, items: number, about?: RejectionAbout): string {
    this.#hear(nowMs)
    return this.#reject(nowMs, reason, items, about)
  }

  /** Accepted before, and then refused by the store. */
  discarded(nowMs: number, reason: string, items: number, about?: RejectionAbout): string {
    return this.#reject(nowMs, reason, items, about)
  }

  overwritten(items: number): void {
    this.#overwritten += items
  }

  stored(nowMs: number, items: number, lag: { readonly p50Ms: number; readonly p99Ms: number }): void {
    this.#lag.add(nowMs, items, lag)
    this.#history.stored(nowMs, items, lag)
  }

  /** What the books say now. */
  setLedger(ledger: ClusterLedger): void {
    this.#ledger = ledger
  }

  report(nowMs: number, report: EdgeReport): void {
    this.#hear(nowMs)
    this.#droppedLately.add(nowMs, this.#edges.add(report, nowMs))
  }

  connected(): void {
    this.#connections += 1
    if (this.#isConnected) return
    this.#isConnected = true
    this.#announce('connected', 'connected')
  }

  presented(nowMs: number, presented: PresentedCertificate): void {
    const fresh = this.#certificates.add(presented, nowMs)
    if (fresh === undefined) return
    this.#announce('certificate', `presents a new certificate, which ends ${renderTime(fresh.notAfterMs, nowMs)}`)
  }

  disconnected(nowMs: number): void {
    this.#connections = Math.max(0, this.#connections - 1)
    if (this.#connections === 0) this.#disconnectedAtMs = nowMs
  }

  refused(nowMs: number, detail: string): void {
    const sinceMs = this.#refusal?.sinceMs ?? nowMs
    this.#refusal = { atMs: nowMs, sinceMs, detail: clip(detail) }
    if (nowMs - this.#refusalAnnouncedAtMs < REFUSED_AGAIN_MS) return
    this.#refusalAnnouncedAtMs = nowMs
    this.#announce('refused', `refused: ${clip(detail)}`)
  }

  /** Settles the status, and announces it when it has become another. */
  evaluate(nowMs: number): void {
    if (this.#isConnected && this.#connections === 0 && nowMs - this.#disconnectedAtMs >= DISCONNECTED_AFTER_MS) {
      this.#isConnected = false
      this.#announce('connected', 'disconnected')
    }
    this.#announceDifference()
    const { status, problems } = judge(this.#facts(nowMs))
    const sinceMs = new Map(problems.map(({ kind }) => [kind as string, this.#problemSinceMs.get(kind) ?? nowMs]))
    this.#problemSinceMs = sinceMs
    this.#reason = problems.map(({ kind, describe }) => describe(sinceMs.get(kind) ?? nowMs)).join(' ') || undefined
    if (status === this.#status) return
    this.#status = status
    this.#statusSinceMs = nowMs
    const word = status === 'cut-off' ? 'cut off' : status
    this.#announce('status', this.#reason === undefined ? word : `${word}: ${this.#reason}`)
  }

  snapshot(nowMs: number): Omit<ClusterSnapshot, 'sends'> {
    const lag = this.#lag.read(nowMs)
    const queue = this.#edges.queue()
    const lastError = this.#edges.lastError()
    const certificate = this.#certificates.current(nowMs)
    return {
      ...this.identity,
      status: this.#status,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      sinceMs: this.#statusSinceMs,
      rates: this.#history.rates(nowMs),
      history: this.#history.read(nowMs),
      ...(lag === undefined ? {} : { lag }),
      ...(queue === undefined ? {} : { queue }),
      rejected: {
        perSecond: lastMinute(this.#rejectedLately, nowMs) / MINUTE_SECONDS,
        total: this.#rejectedBy.read(),
        recent: this.#rejections.read(),
      },
      overwritten: this.#overwritten,
      ledger: this.#readLedger(),
      deadLetters: this.#ledger.deadLetters + this.#edges.deadLetters(),
      ...(certificate === undefined ? {} : { certificate: toSnapshot(certificate) }),
      edges: this.#edges.list().map(({ report, heardAtMs, perSecond }) => ({
        edge: report.edge,
        version: report.version,
        connected: nowMs - heardAtMs < REPORTED_LATELY_MS,
        heardAtMs,
        ...(perSecond === undefined ? {} : { perSecond }),
        queue: {
          bytes: report.queue.bytes,
          limitBytes: report.queue.limitBytes,
          ...(report.queue.oldestAtMs === undefined ? {} : { oldestMs: report.sentAtMs - report.queue.oldestAtMs }),
        },
        clockMs: report.sentAtMs - heardAtMs,
      })),
      ...(this.#heardAtMs === undefined ? {} : { heardAtMs: this.#heardAtMs }),
      ...(lastError === undefined ? {} : { lastError }),
    }
  }

  #announceDifference(): void {
    const { difference } = this.#ledger
    if (difference === this.#difference) return
    this.#difference = difference
    const message = difference === 0 ? 'the ledger balances again' : describeDifference(difference)
    this.#announce('ledger', message)
  }

  #hear(nowMs: number): void {
    this.#heardAtMs = nowMs
    this.#history.heard(nowMs)
    this.#refusal = undefined
  }

  #reject(nowMs: number, reason: string, items: number, about?: RejectionAbout): string {
    this.#rejectedLately.add(nowMs, items)
    const name = this.#rejectedBy.add(reason, items)
    this.#rejections.add(nowMs, name, items, about)
    return name
  }

  #readLedger(): ClusterSnapshot['ledger'] {
    const { accepted, stored, rejected, queued, deduplicated, difference } = this.#ledger
    const balanced = difference === 0
    return { accepted, stored, forwardedOnly: 0, rejected, queued, deduplicated, difference, balanced }
  }

  #facts(nowMs: number): Facts {
    const lag = this.#lag.read(nowMs)
    const queue = this.#edges.fullestQueue()
    const lastError = this.#edges.lastError()
    const certificate = this.#certificates.current(nowMs)
    const isFresh = lastError !== undefined && nowMs - lastError.atMs < MINUTE_SECONDS * 1_000
    return {
      nowMs,
      hubStartedAtMs: this.#hubStartedAtMs,
      ...(this.#heardAtMs === undefined ? {} : { heardAtMs: this.#heardAtMs }),
      ...(this.#refusal === undefined ? {} : { refusal: this.#refusal }),
      ...(certificate === undefined ? {} : { certificate }),
      ...(lag === undefined ? {} : { lag }),
      ...(queue === undefined ? {} : { queue }),
      difference: this.#ledger.difference,
      rejected: lastMinute(this.#rejectedLately, nowMs),
      dropped: lastMinute(this.#droppedLately, nowMs),
      ...(isFresh ? { edgeError: lastError.message } : {}),
    }
  }
}

function toSnapshot(certificate: CertificateInfo): NonNullable<ClusterSnapshot['certificate']> {
  const { notBeforeMs, notAfterMs, serial, spiffeId } = certificate
  return { notBeforeMs, notAfterMs, serial, ...(spiffeId === undefined ? {} : { spiffeId }) }
}

function lastMinute(buckets: Buckets, nowMs: number): number {
  const current = buckets.bucketOf(nowMs)
  return buckets.sum(current - MINUTE_SECONDS + 1, current)
}
