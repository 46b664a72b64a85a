import { AppError } from '../../core/index.ts'
import { CANONICAL_LABELS, HUB_RECEIVED_AT, type Labels } from '../../model/index.ts'
import type { LogBlock, LogScriptStore, LogSource, ScriptStream, SelectedStream } from '../../query/index.ts'
import { createLogSource, type StoreClient } from '../../storage/index.ts'
import { lokiJsonToOtlp } from '../../wire/index.ts'
import { ScriptWriter } from './script-writer.ts'

const EPOCH_NS = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n

/**
 * Puts a script's lines into the engine as Loki's push comes into it: turned into OTLP, transcoded and inserted by the
 * writer of the hub, read back by its data source. Each block of a script is a tenant of its own.
 */
export function createEngineLogStore(client: StoreClient, signal: AbortSignal): LogScriptStore {
  return new EngineLogStore(client, signal)
}

class EngineLogStore implements LogScriptStore {
  readonly epochNs = EPOCH_NS
  readonly source: LogSource
  readonly #writer: ScriptWriter

  constructor(client: StoreClient, signal: AbortSignal) {
    this.source = withoutAddedLabels(createLogSource(client))
    this.#writer = new ScriptWriter(client, signal)
  }

  get scope(): LogScriptStore['scope'] {
    return this.#writer.scope
  }

  async clear(): Promise<void> {
    await this.#writer.clear()
  }

  async load(stream: ScriptStream): Promise<void> {
    const { payload, entries: items, rejected, firstProblem = '' } = lokiJsonToOtlp(pushOf(stream))
    if (rejected.size > 0) throw new AppError('invalid', `the push of the script is refused: ${firstProblem}`)
    await this.#writer.write({ signal: 'logs', format: 'otlp', items, payload })
  }
}

function pushOf({ labels, lines }: ScriptStream): Uint8Array {
  const values = lines.map(({ offsetNs, line, metadata }) => [
    (EPOCH_NS + BigInt(Math.round(offsetNs))).toString(),
    line,
    metadata,
  ])
  return Buffer.from(JSON.stringify({ streams: [{ stream: labels, values }] }))
}

/** What the hub and its store add to labels and metadata, of which scripts know nothing. */
const ADDED: ReadonlySet<string> = new Set([
  ...Object.keys(CANONICAL_LABELS),
  ...[HUB_RECEIVED_AT, 'service_name', 'detected_level', 'observed_timestamp'],
])

function withoutAddedLabels(source: LogSource): LogSource {
  const { count } = source
  return {
    async *select(scope, request, signal) {
      const streams = new Map<SelectedStream, SelectedStream>()
      for await (const block of source.select(scope, request, signal)) yield ownBlock(block, streams)
    },
    ...(count === undefined
      ? {}
      : {
          count: async (scope, request, signal) => {
            const found = await count.call(source, scope, request, signal)
            if (found === undefined) return undefined
            const series = found.series.map((one) => ({ ...one, labels: ownLabels(one.labels) }))
            return { ...found, series }
          },
        }),
    labelNames: (scope, range, signal) => source.labelNames(scope, range, signal),
    labelValues: (scope, label, request, signal) => source.labelValues(scope, label, request, signal),
    streams: (scope, request, signal) => source.streams(scope, request, signal),
  }
}

function ownBlock(block: LogBlock, streams: Map<SelectedStream, SelectedStream>): LogBlock {
  return {
    rows: block.rows,
    timesNs: block.timesNs,
    ...(block.exact === undefined ? {} : { exact: block.exact }),
    line: (row) => block.line(row),
    bytes: (row) => block.bytes(row),
    stream: (row) => {
      const stream = block.stream(row)
      let own = streams.get(stream)
      if (own === undefined) streams.set(stream, (own = { labels: ownLabels(stream.labels) }))
      return own
    },
    metadata: (row) => {
      const all = block.metadata(row)
      return all.filter((_, i) => !ADDED.has(all[i - (i % 2)] ?? ''))
    },
  }
}

function ownLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !ADDED.has(name)))
}
