import type { Batch } from '../../model/index.ts'
import { filterOtlp } from './filter-otlp.ts'
import { filterSeries } from './filter-series.ts'
import { compileRecordCondition, compileSourceCondition, type Where } from './where.ts'

/** Makes what is left of a batch; undefined when that is nothing. May throw `invalid` for a damaged payload. */
export type Selection = (batch: Batch) => Batch | undefined

/**
 * The part of a batch that the conditions let pass; the batch itself if that is all of it. The names in them are
 * attributes (of the record, else of its scope, else of its resource) or labels, and
 *
 *  - `cluster`, `environment`, `region`, `cluster_type`, `tenant_id` of the sender,
 *  - `__name__` of a metric as it was sent, `span_name`, `severity_text`, `scope_name`.
 */
export function createFilter(where: Where): Selection {
  const comesFrom = compileSourceCondition(where)
  const condition = compileRecordCondition(where)
  return (batch) => {
    const { signal, format, identity } = batch.envelope
    if (!comesFrom(identity)) return undefined
    if (condition === undefined) return batch
    // The severity is a condition on logs and on nothing else.
    if (condition.names.size === 0 && signal !== 'logs') return batch
    const { payload, items } =
      format === 'otlp'
        ? filterOtlp(signal, batch.payload, identity, condition)
        : filterSeries(batch.payload, identity, condition)
    if (items === 0) return undefined
    return payload === batch.payload ? batch : { envelope: { ...batch.envelope, items }, payload }
  }
}

/** One selection after the other. */
export function chainSelections(selections: readonly Selection[]): Selection {
  return (batch) =>
    selections.reduce<Batch | undefined>((left, select) => (left === undefined ? undefined : select(left)), batch)
}
