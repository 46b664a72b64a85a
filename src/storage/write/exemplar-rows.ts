import { FIXED64, type ProtoReader } from '../../wire/index.ts'
import { readKeyValue, toPlainText } from './any-value.ts'
import type { BatchContext } from './batch-context.ts'
import { int64At } from './number-list.ts'
import { toLabelName } from '../../wire/prometheus/index.ts'
import { ByteRange, nsToMs, type RangeList, takeFixed64 } from './payload.ts'
import type { SeriesId } from './sample-rows.ts'
import type { ExemplarColumns, Tables } from './tables.ts'

/** OpenMetrics allows an exemplar's labels this many characters, names and values together. */
const LABEL_RUNES = 128

/** The field numbers of OTLP's Exemplar. */
const TIME = 2
const AS_DOUBLE = 3
const SPAN_ID = 4
const TRACE_ID = 5
const AS_INT = 6
const FILTERED_ATTRIBUTES = 7

/** Writes exemplars into `exemplars`. Its `labels` are complete; `trace_id` stands beside them for joins. */
export class ExemplarRows {
  readonly #row: ExemplarColumns
  readonly #batch: BatchContext

  constructor(tables: Tables, batch: BatchContext) {
    this.#row = tables.exemplars.columns
    this.#batch = batch
  }

  push(series: SeriesId, ms: number, value: number, labels: ReadonlyMap<string, string>): void {
    const row = this.#row
    row.tenant_id.pushText(this.#batch.tenant)
    row.series.pushLanes(series.idLow, series.idHigh)
    row.time.pushInteger(ms)
    row.value.pushDouble(value)
    row.trace_id.pushText(labels.get('trace_id') ?? '')
    for (const [name, text] of labels) {
      row.labels.keys.pushText(name)
      row.labels.values.pushText(text)
    }
    row.labels.endRow()
    row.received.push(this.#batch.receivedDay)
  }
}

/** An OTLP exemplar. */
export interface OtlpExemplar {
  readonly ms: number
  readonly value: number
  readonly labels: ReadonlyMap<string, string>
}

/** Reads the exemplars at these ranges; the reader is left where it was. Ones without a value are left out. */
export function readExemplars(reader: ProtoReader, ranges: RangeList): readonly OtlpExemplar[] {
  const { pos: outerPos, end: outerEnd } = reader
  const exemplars: OtlpExemplar[] = []
  for (let i = 0; i < ranges.count; i++) {
    reader.pos = ranges.start(i)
    reader.end = ranges.end(i)
    const exemplar = readExemplar(reader)
    if (exemplar !== undefined) exemplars.push(exemplar)
  }
  reader.pos = outerPos
  reader.end = outerEnd
  return exemplars
}

function readExemplar(reader: ProtoReader): OtlpExemplar | undefined {
  const traceId = new ByteRange()
  const spanId = new ByteRange()
  const attributes: (readonly [string, string])[] = []
  let ms = 0
  let value: number | undefined
  while (reader.next()) {
    switch (reader.field) {
      case TIME: {
        const at = takeFixed64(reader)
        ms = nsToMs(reader.view.getInt32(at, true), reader.view.getInt32(at + 4, true))
        break
      }
      case AS_DOUBLE:
        reader.expect(FIXED64)
        value = reader.double()
        break
      case AS_INT:
        value = int64At(reader.view, takeFixed64(reader))
        break
      case TRACE_ID:
        traceId.take(reader)
        break
      case SPAN_ID:
        spanId.take(reader)
        break
      case FILTERED_ATTRIBUTES:
        attributes.push(readAttribute(reader))
        break
      default:
        reader.skip()
    }
  }
  if (value === undefined) return undefined
  return { ms, value, labels: toLabels(hexOf(reader, traceId), hexOf(reader, spanId), attributes) }
}

function readAttribute(reader: ProtoReader): readonly [string, string] {
  const range = new ByteRange()
  range.take(reader)
  const { pos, end } = reader
  reader.pos = range.start
  reader.end = range.end
  const [key, value] = readKeyValue(reader)
  reader.pos = pos
  reader.end = end
  return [toLabelName(key), toPlainText(value)]
}

/** The ids first, then attributes as far as the limit allows. */
function toLabels(
  traceId: string,
  spanId: string,
  attributes: readonly (readonly [string, string])[],
): Map<string, string> {
  const labels = new Map<string, string>()
  let runes = 0
  for (const [name, value] of [['trace_id', traceId] as const, ['span_id', spanId] as const, ...attributes]) {
    const length = Array.from(name).length + Array.from(value).length
    if (name === '' || value === '' || labels.has(name) || runes + length > LABEL_RUNES) continue
    labels.set(name, value)
    runes += length
  }
  return labels
}

function hexOf(reader: ProtoReader, range: ByteRange): string {
  return Buffer.from(reader.bytes.subarray(range.start, range.end)).toString('hex')
}
