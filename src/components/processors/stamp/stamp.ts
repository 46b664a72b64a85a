import type { Metrics } from '../../../core/index.ts'
import type { Batch, Identity } from '../../../model/index.ts'
import { type Stamped, stampOtlp, stampRemoteWrite2 } from '../../../wire/index.ts'

export interface StampOptions {
  readonly metrics: Metrics
  /** Told of every batch in which something claimed another identity, and how much. */
  readonly onOverwritten?: (identity: Identity, count: number) => void
}

/**
 * Makes the payload of a batch say what its envelope says: who sent it. What the envelope says comes from the client
 * certificate on the hub and from the edge's own settings on the edge. It checks the payload on the way and counts its
 * items anew. Throws `invalid` for a payload that is malformed or over a limit.
 */
export function createStamp(options: StampOptions): (batch: Batch) => Batch {
  const overwrittenTotal = options.metrics.counter(
    'fleetglass_labels_overwritten_total',
    'Attributes and labels that claimed another identity than the sender has.',
    ['source_cluster'],
  )
  return (batch) => {
    const { identity } = batch.envelope
    const { bytes, items, overwritten } = stamp(batch)
    if (overwritten > 0) {
      overwrittenTotal.inc({ source_cluster: identity.cluster }, overwritten)
      options.onOverwritten?.(identity, overwritten)
    }
    if (bytes === batch.payload && items === batch.envelope.items) return batch
    return { envelope: { ...batch.envelope, items }, payload: bytes }
  }
}

function stamp({ envelope, payload }: Batch): Stamped {
  switch (envelope.format) {
    case 'otlp':
      return stampOtlp(envelope.signal, payload, envelope.identity)
    case 'remote-write-2':
      return stampRemoteWrite2(payload, envelope.identity)
  }
}
