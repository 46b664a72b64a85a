import type { Clock, Logger } from '../../core/index.ts'
import type { Secrets } from './secrets.ts'

/** What a protocol gets beside the settings of its destination. */
export interface ProtocolParts {
  readonly secrets: Secrets
  /** `Fleetglass/<version>`. */
  readonly userAgent: string
  readonly clock: Clock
  readonly log: Logger
}
