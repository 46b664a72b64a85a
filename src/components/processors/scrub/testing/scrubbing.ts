import { parse } from 'yaml'
import { validateConfig } from '../../../../config/index.ts'
import { createMetrics } from '../../../../core/index.ts'
import { clusterScrubSchema } from '../../../../fleet/index.ts'
import type { Batch, PayloadFormat, Signal } from '../../../../model/index.ts'
import { checkOtlp, countRemoteWrite2, jsonToOtlp } from '../../../../wire/index.ts'
import { OTLP_REQUEST_TYPES, toPlain } from '../../../../wire/testing/otlp-proto.ts'
import { createScrub, createScrubMeters, type Scrub, type ScrubParts } from '../index.ts'

export const KEY = 'a key of more than sixteen bytes'

export interface Scrubbing {
  readonly scrub: Scrub
  /** The exposition of its metrics. */
  readonly metrics: () => Promise<string>
}

/** Rules as one writes them in the fleet file under `scrub`. */
export function scrubbing(yaml: string, parts: Partial<ScrubParts> = {}): Scrubbing {
  const settings = validateConfig(clusterScrubSchema, parse(yaml), { file: 'rules', prefix: [] })
  const metrics = createMetrics()
  const scrub = createScrub(settings, { meters: createScrubMeters(metrics), key: KEY, ...parts })
  return { scrub, metrics: async () => (await metrics.render()).body }
}

export function batchOf(signal: Signal, payload: Uint8Array, format: PayloadFormat = 'otlp'): Batch {
  const identity = { cluster: 'dev-1', environment: 'dev', region: 'uae', clusterType: 'workload', tenant: 'dev' }
  const items = format === 'otlp' ? checkOtlp(signal, payload) : countRemoteWrite2(payload)
  return { envelope: { signal, format, items, identity, collectedAtMs: 1, receivedAtMs: 1 }, payload }
}

/** A batch of log records, each with this body and these attributes. */
export function logsOf(...records: readonly { readonly body?: unknown; readonly attributes?: object }[]): Batch {
  const logRecords = records.map(({ body, attributes = {} }) => ({
    ...(body === undefined ? {} : { body: toAnyValue(body) }),
    attributes: toKeyValues(attributes),
  }))
  const request = { resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ logRecords }] }] }
  return batchOf('logs', jsonToOtlp('logs', JSON.stringify(request)))
}

export function toKeyValues(attributes: object): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toAnyValue(value) }))
}

function toAnyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'bigint' || typeof value === 'number') return { intValue: String(value) }
  if (Buffer.isBuffer(value)) return { bytesValue: value.toString('base64') }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toAnyValue) } }
  return { kvlistValue: { values: toKeyValues(value ?? {}) } }
}

/** The bodies and attributes of the log records that are left. */
export function recordsOf(batch: Batch | undefined): readonly unknown[] {
  if (batch === undefined) return []
  const plain = toPlain(OTLP_REQUEST_TYPES.logs, batch.payload) as unknown as LogsData
  return plain.resourceLogs
    .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))
    .map(({ body, attributes }) => {
      const entries = attributes.map(({ key, value }): [string, unknown] => [key, fromAnyValue(value)])
      return entries.length === 0 ? fromAnyValue(body) : { body: fromAnyValue(body), ...Object.fromEntries(entries) }
    })
}

interface KeyValue {
  readonly key: string
  readonly value: unknown
}

interface LogsData {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly { readonly body?: unknown; readonly attributes: readonly KeyValue[] }[]
    }[]
  }[]
}

function fromAnyValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const any = value as Readonly<Record<string, unknown>>
  const { arrayValue, kvlistValue } = any as {
    arrayValue?: { values: readonly unknown[] }
    kvlistValue?: { values: readonly KeyValue[] }
  }
  if (arrayValue !== undefined) return arrayValue.values.map(fromAnyValue)
  if (kvlistValue === undefined) return Object.values(any)[0]
  return Object.fromEntries(kvlistValue.values.map((one) => [one.key, fromAnyValue(one.value)]))
}
