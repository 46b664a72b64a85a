import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type { Counter, Gauge, Histogram }

/**
 * The program's own metrics. Each program makes one and hands it down; nothing registers globally.
 * Names start with `fleetglass_`; counters end in `_total`; units are in the name.
 */
export interface Metrics {
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>
  gauge<L extends string = never>(name: string, help: string, labels?: readonly L[], collect?: () => void): Gauge<L>
  histogram<L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly L[],
  ): Histogram<L>
  /** The exposition text and its content type. */
  render(): Promise<{ readonly body: string; readonly contentType: string }>
}

/** With `processMetrics`, Node's and the process' own metrics are added. */
export function createMetrics(options: { readonly processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry()
  if (options.processMetrics === true) collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: [...labels], registers }),
    gauge: (name, help, labels = [], collect) =>
      new Gauge({ name, help, labelNames: [...labels], registers, ...(collect === undefined ? {} : { collect }) }),
    histogram: (name, help, buckets, labels = []) =>
      new Histogram({ name, help, buckets: [...buckets], labelNames: [...labels], registers }),
    render: async () => ({ body: await registry.metrics(), contentType: registry.contentType }),
  }
}
