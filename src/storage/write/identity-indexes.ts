import type { Identity } from '../../model/index.ts'
import type { LowCardinalityColumn } from '../native/low-cardinality-column.ts'

/** The columns by which every log record and span says where it comes from. */
export interface IdentityColumns {
  readonly tenant_id: LowCardinalityColumn
  readonly cluster: LowCardinalityColumn
  readonly environment: LowCardinalityColumn
  readonly region: LowCardinalityColumn
  readonly cluster_type: LowCardinalityColumn
}

/** The dictionary indexes of a batch's identity, looked up once and pushed row after row. */
export class IdentityIndexes {
  #tenant = 0
  #cluster = 0
  #environment = 0
  #region = 0
  #clusterType = 0

  begin(columns: IdentityColumns, identity: Identity): void {
    this.#tenant = columns.tenant_id.indexOfText(identity.tenant)
    this.#cluster = columns.cluster.indexOfText(identity.cluster)
    this.#environment = columns.environment.indexOfText(identity.environment)
    this.#region = columns.region.indexOfText(identity.region)
    this.#clusterType = columns.cluster_type.indexOfText(identity.clusterType)
  }

  push(columns: IdentityColumns): void {
    columns.tenant_id.pushIndex(this.#tenant)
    columns.cluster.pushIndex(this.#cluster)
    columns.environment.pushIndex(this.#environment)
    columns.region.pushIndex(this.#region)
    columns.cluster_type.pushIndex(this.#clusterType)
  }
}
