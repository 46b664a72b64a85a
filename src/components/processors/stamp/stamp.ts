import type { BufferPool, Metrics } from '../../../core/index.ts'
import type { Batch, Identity } from '../../../model/index.ts'
import type { Consumer } from '../../../pipeline/index.ts'
import { type Stamped, stampOtlp, stampRemoteWrite2 } from '../../../wire/index.ts'

export interface StampOptions {
  readonly metrics: Metrics
  /** Told of every batch in which something claimed another identity, and how much. */
  readonly onOverwritten?: (identity: Identity, count: number) => void
  /** Must not look at a payload any more once it has resolved: its memory is used again. */
  readonly next: Consumer
  /** Memory of stamped payloads; without it each is new. */
  readonly buffers?: BufferPool
}

/**
 * Makes the payload of a batch say what its envelope says: who sent it. What the envelope says comes from the client
 * certificate on the hub and from the edge's own settings on the edge. It checks the payload on the way and counts its
 * items anew. Rejects with `invalid` for a payload that is malformed or over a limit, and with what `next` says.
 */
export function createStamp({ metrics, onOverwritten, next, buffers }: StampOptions): Consumer {
  const overwrittenTotal = metrics.counter(
    'fleetglass_labels_overwritten_total',
    'Attributes and labels that claimed another identity than the sender has.',
    ['source_cluster'],
  )
  const cutTotal = metrics.counter(
    'fleetglass_otlp_cut_total',
    'Attributes that were left out, and values and log lines that were cut off, because an item was over a limit.',
    ['source_cluster', 'what'],
  )
  const take = buffers === undefined ? undefined : (bytes: number): Uint8Array => buffers.take(bytes)
  return async (batch) => {
    const { identity } = batch.envelope
    const { bytes, items, overwritten, cut } = stamp(batch, take)
    if (overwritten > 0) {
      overwrittenTotal.inc({ source_cluster: identity.cluster }, overwritten)
      onOverwritten?.(identity, overwritten)
    }
    for (const [what, count] of Object.entries(cut ?? {})) {
      if (count > 0) cutTotal.inc({ source_cluster: identity.cluster, what }, count)
    }
    if (bytes === batch.payload && items === batch.envelope.items) {
      await next(batch)
      return
    }
    await next({ envelope: { ...batch.envelope, items }, payload: bytes })
    // Only where all went well: of a failure nobody knows who still looks at the bytes.
    if (bytes !== batch.payload) buffers?.giveBack(bytes)
  }
}

function stamp({ envelope, payload }: Batch, take: ((bytes: number) => Uint8Array) | undefined): Stamped {
  switch (envelope.format) {
    case 'otlp':
      return stampOtlp(envelope.signal, payload, envelope.identity, { take })
    case 'remote-write-2':
      return stampRemoteWrite2(payload, envelope.identity)
  }
}
