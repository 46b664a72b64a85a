import type { Batch, Signal, TextPlace } from '../../src/model/index.ts'
import { createOtlpTextRewriter, rewriteRemoteWrite2Text, type TextVisitor } from '../../src/wire/index.ts'
import {
  logWorkload,
  metricWorkload,
  remoteWriteWorkload,
  spanWorkload,
  type Workload,
} from '../store-write/payloads.ts'

export interface ScrubWorkload {
  readonly what: string
  readonly signal: Signal
  readonly batches: readonly Batch[]
}

/** Requests as programs send them, without anything personal, and the same where every third text of a place has it. */
export function scrubWorkloads(): readonly ScrubWorkload[] {
  const kinds: readonly (readonly [what: string, workload: Workload, place: TextPlace])[] = [
    ['logs', logWorkload(), 'body'],
    ['spans', spanWorkload(), 'name'],
    ['metrics', metricWorkload(), 'attributes'],
    ['remote write', remoteWriteWorkload(), 'attributes'],
  ]
  return kinds.flatMap(([what, { signal, batches }, place]) => [
    { what: `${what} without matches`, signal, batches },
    { what: `${what} with matches`, signal, batches: batches.map((batch) => withMatches(batch, place)) },
  ])
}

const PERSONAL = [' for alice.%@example.com', ' card 4111 1111 1111 1111', ' of 219-09-9999, +1 202-555-0147']
const EVERY = 3

function withMatches(batch: Batch, place: TextPlace): Batch {
  let shown = 0
  const visitor: TextVisitor = {
    places: new Set([place]),
    integers: false,
    mightChange: () => true,
    text: (bytes, start, end) => {
      shown += 1
      if (shown % EVERY !== 0) return undefined
      const more = (PERSONAL[(shown / EVERY) % PERSONAL.length] ?? '').replace('%', String(shown % 500))
      return Buffer.concat([bytes.subarray(start, end), Buffer.from(more)])
    },
  }
  const { envelope, payload } = batch
  const { bytes } =
    envelope.format === 'otlp'
      ? createOtlpTextRewriter(envelope.signal, visitor)(payload)
      : rewriteRemoteWrite2Text(payload, visitor)
  return { envelope, payload: bytes }
}
