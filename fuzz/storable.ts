import type { PayloadFormat, Signal } from '../src/model/index.ts'
import { recordOf } from '../src/storage/write/testing/records.ts'
import { Transcoder } from '../src/storage/write/transcoder.ts'
import {
  DEFAULT_BULK_LIMITS,
  DEFAULT_LOKI_LIMITS,
  DEFAULT_REMOTE_WRITE_LIMITS,
  elasticBulkToOtlp,
  lokiPushToOtlp,
  readRemoteWrite2,
  remoteWrite1ToRequest2,
} from '../src/wire/index.ts'
import { FUZZ_TARGETS, type FuzzTarget, Violation } from '../src/wire/testing/fuzz/index.ts'

/** When the requests are received: the samples' own times lie shortly before. */
const RECEIVED_MS = 1_767_609_100_000
/** The window of what the store keeps, without which it refuses by its own rules. */
const WINDOW = { earliestMs: RECEIVED_MS - 86_400_000, latestMs: RECEIVED_MS + 600_000 }

interface Decoded {
  readonly payload: Uint8Array
  readonly items: number
  readonly signal: Signal
  readonly format: PayloadFormat
}

/** What a decoder lets through must become rows, all of it: what is wrong is for the decoder to refuse. */
function storable(name: string, decode: (bytes: Uint8Array) => Decoded): FuzzTarget {
  const decoder = FUZZ_TARGETS.find((target) => target.name === name)
  if (decoder === undefined) throw new Error(`BUG: no target ${name}`)
  return {
    ...decoder,
    name: `${name}-stored`,
    run: (bytes) => {
      const { payload, items, signal, format } = decode(bytes)
      const record = recordOf({ signal, format, payload, items, receivedAtMs: RECEIVED_MS })
      const [outcome] = new Transcoder({}).transcode([record]).outcomes
      if (outcome === undefined || outcome.error !== undefined)
        throw new Violation(`not stored: ${String(outcome?.error)}`)
      if (outcome.rows !== items) {
        throw new Violation(
          `${String(items)} items became ${String(outcome.rows)} rows: ${JSON.stringify([...outcome.rejected])}`,
        )
      }
      return payload.length
    },
    compare: () => undefined,
  }
}

export const STORABLE_TARGETS: readonly FuzzTarget[] = [
  storable('remote-write-1', (bytes) => {
    const { payload, samples, histograms } = remoteWrite1ToRequest2(bytes, {
      ...DEFAULT_REMOTE_WRITE_LIMITS,
      ...WINDOW,
    })
    return { payload, items: samples + histograms, signal: 'metrics', format: 'remote-write-2' }
  }),
  storable('remote-write-2', (bytes) => {
    const { payload, samples, histograms } = readRemoteWrite2(bytes, { ...DEFAULT_REMOTE_WRITE_LIMITS, ...WINDOW })
    return { payload, items: samples + histograms, signal: 'metrics', format: 'remote-write-2' }
  }),
  storable('loki-protobuf', (bytes) => {
    const { payload, entries } = lokiPushToOtlp(bytes, { ...DEFAULT_LOKI_LIMITS, ...WINDOW })
    return { payload, items: entries, signal: 'logs', format: 'otlp' }
  }),
  storable('elastic-bulk', (bytes) => {
    const { payload, records } = elasticBulkToOtlp(bytes, { limits: { ...DEFAULT_BULK_LIMITS, ...WINDOW } })
    return { payload, items: records, signal: 'logs', format: 'otlp' }
  }),
]
