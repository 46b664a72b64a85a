import type { Signal } from '../../../../model/index.ts'
import { jsonToOtlp, ProtoWriter } from '../../../../wire/index.ts'

/** The OTLP/JSON of a request with so many items. */
export function otlpJson(signal: Signal, items: number, text = 'x'): string {
  const list = Array.from({ length: items }, () => ({}))
  switch (signal) {
    case 'metrics': {
      const gauge = { dataPoints: list.map(() => ({ asDouble: 1 })) }
      return JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: text, gauge }] }] }] })
    }
    case 'logs': {
      const logRecords = list.map(() => ({ body: { stringValue: text } }))
      return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
    }
    case 'traces': {
      const spans = list.map(() => ({ name: text }))
      return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
    }
  }
}

export function otlpBytes(signal: Signal, items: number, text = 'x'): Uint8Array {
  return jsonToOtlp(signal, otlpJson(signal, items, text))
}

/** A remote write 2.0 request with one series of so many samples. */
export function remoteWriteBytes(samples: number): Uint8Array {
  const writer = new ProtoWriter()
  for (const symbol of ['', '__name__', 'up']) writer.string(4, symbol)
  const series = writer.begin(5)
  writer.bytes(1, Uint8Array.of(1, 2))
  for (let i = 0; i < samples; i++) {
    const sample = writer.begin(2)
    writer.double(1, i)
    writer.int64(2, 1_000 + i)
    writer.end(sample)
  }
  writer.end(series)
  return writer.finish()
}
