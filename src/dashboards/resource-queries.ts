import { CHOSEN } from './kit/index.ts'

/** The share of the nodes' processors that is busy, from the edge's host receiver. */
export function cpuShare(by: string, window: '$__rate_interval' | '$window'): string {
  const busy = `sum by (${by}) (rate(system_cpu_time_seconds_total{cpu_mode!~"idle|iowait", ${CHOSEN}}[${window}]))`
  return `${busy} / sum by (${by}) (rate(system_cpu_time_seconds_total{${CHOSEN}}[${window}]))`
}

/** The share of the nodes' memory that is in use. */
export function memoryShare(by: string): string {
  const used = `sum by (${by}) (system_memory_usage_bytes{system_memory_state="used", ${CHOSEN}})`
  return `${used} / sum by (${by}) (system_memory_limit_bytes{${CHOSEN}})`
}
