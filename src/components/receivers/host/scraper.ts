import type { HostConfig } from './config.ts'
import type { HostFiles } from './host-files.ts'
import type { HostMetrics } from './host-metrics.ts'

/** Reads one subject of the host and adds its metrics. */
export type Scraper = (host: HostFiles, config: HostConfig, metrics: HostMetrics) => Promise<void>
