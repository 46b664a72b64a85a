import { OTLP_REQUEST_TYPES, toPlain } from '../../../../wire/testing/otlp-proto.ts'

interface RawValue {
  readonly stringValue?: string
  readonly boolValue?: boolean
  /** As decimal text. */
  readonly intValue?: string
}
interface RawPair {
  readonly key: string
  readonly value: RawValue
}
interface RawLogs {
  readonly resourceLogs?: readonly {
    readonly resource: { readonly attributes?: readonly RawPair[] }
    readonly scopeLogs: readonly {
      readonly logRecords: readonly {
        readonly timeUnixNano?: string
        readonly severityNumber?: number
        readonly severityText?: string
        readonly body: RawValue
        readonly attributes?: readonly RawPair[]
        readonly flags?: number
        readonly traceId?: string
        readonly spanId?: string
      }[]
    }[]
  }[]
}

export type Plain = Readonly<Record<string, string | number | boolean | undefined>>

export interface DecodedLog {
  readonly body: string
  readonly resource: Plain
  readonly attributes: Plain
  readonly timeUnixNano: string | undefined
  readonly severityNumber: number | undefined
  readonly severityText: string | undefined
  readonly flags: number | undefined
  /** Base64. */
  readonly traceId: string | undefined
  readonly spanId: string | undefined
}

/** The records of an OTLP logs request, read by protobufjs. */
export function decodeLogs(payload: Uint8Array): readonly DecodedLog[] {
  const { resourceLogs = [] } = toPlain(OTLP_REQUEST_TYPES.logs, payload) as unknown as RawLogs
  return resourceLogs.flatMap((block) =>
    block.scopeLogs.flatMap((scope) =>
      scope.logRecords.map((record) => ({
        body: record.body.stringValue ?? '',
        resource: toAttributes(block.resource.attributes),
        attributes: toAttributes(record.attributes),
        timeUnixNano: record.timeUnixNano,
        severityNumber: record.severityNumber,
        severityText: record.severityText,
        flags: record.flags,
        traceId: record.traceId,
        spanId: record.spanId,
      })),
    ),
  )
}

function toAttributes(pairs: readonly RawPair[] = []): Plain {
  return Object.fromEntries(
    pairs.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? (value.intValue === undefined ? undefined : Number(value.intValue)),
    ]),
  )
}
