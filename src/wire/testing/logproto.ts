import protobuf from 'protobufjs'

/** The messages of Loki's `pkg/push/push.proto` for protobufjs, as an independent writer. */
export const PUSH_REQUEST = protobuf
  .parse(`
syntax = "proto3";
message PushRequest { repeated StreamAdapter streams = 1; string format = 2; }
message StreamAdapter { string labels = 1; repeated EntryAdapter entries = 2; uint64 hash = 3; }
message EntryAdapter {
  Timestamp timestamp = 1; string line = 2; repeated LabelPairAdapter structured_metadata = 3;
}
message LabelPairAdapter { string name = 1; string value = 2; }
message Timestamp { int64 seconds = 1; int32 nanos = 2; }
`)
  .root.lookupType('PushRequest')

export interface PlainEntry {
  /** Nanoseconds since the epoch. */
  readonly ns: string
  readonly line: string
  readonly metadata?: Readonly<Record<string, string>>
}

export interface PlainStream {
  /** As Loki prints them; for JSON they must have no escapes. */
  readonly labels: Readonly<Record<string, string>>
  readonly entries: readonly PlainEntry[]
}

export function encodePush(streams: readonly (PlainStream & { readonly text?: string })[]): Uint8Array {
  const request = {
    streams: streams.map(({ labels, entries, text }) => ({
      labels: text ?? printLabels(labels),
      entries: entries.map(({ ns, line, metadata = {} }) => ({
        timestamp: { seconds: String(BigInt(ns) / 1_000_000_000n), nanos: Number(BigInt(ns) % 1_000_000_000n) },
        line,
        structuredMetadata: Object.entries(metadata).map(([name, value]) => ({ name, value })),
      })),
    })),
  }
  return PUSH_REQUEST.encode(PUSH_REQUEST.fromObject(request)).finish()
}

export function encodePushJson(streams: readonly PlainStream[]): Uint8Array {
  const values = ({ entries }: PlainStream): unknown[] =>
    entries.map(({ ns, line, metadata }) => (metadata === undefined ? [ns, line] : [ns, line, metadata]))
  return Buffer.from(
    JSON.stringify({ streams: streams.map((stream) => ({ stream: stream.labels, values: values(stream) })) }),
  )
}

function printLabels(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`)
    .join(', ')}}`
}
