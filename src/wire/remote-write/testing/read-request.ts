import { AppError } from '../../../core/index.ts'
import { STALE_NAN_BYTES } from '../../../model/index.ts'
import { METRIC_TYPES, type MetricType } from '../../metric-type.ts'
import { ProtoReader } from '../../proto/index.ts'
import { EXEMPLAR, METADATA, REQUEST, SAMPLE, TIME_SERIES } from '../fields.ts'

export interface ReadSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly ReadSample[]
  readonly exemplars: readonly ReadExemplar[]
  readonly metadata?: { readonly type: MetricType | undefined; readonly help: string; readonly unit: string }
}

export interface ReadSample {
  readonly value: number | 'stale'
  readonly timestampMs: number
  readonly startMs: number
}

export interface ReadExemplar {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly timestampMs: number
}

/** Reads a remote write 2.0 request into objects, for assertions. Native histograms are skipped. */
export function readRemoteWriteRequest(bytes: Uint8Array): readonly ReadSeries[] {
  const reader = new ProtoReader(bytes)
  const symbols: string[] = []
  const series: ReadSeries[] = []
  while (reader.next()) {
    if (reader.field === REQUEST.symbols) symbols.push(reader.string())
    else if (reader.field === REQUEST.timeseries) series.push(readMessage(reader, () => readSeries(reader, symbols)))
    else reader.skip()
  }
  return series
}

function readSeries(reader: ProtoReader, symbols: readonly string[]): ReadSeries {
  let labels: Record<string, string> = {}
  let metadata: ReadSeries['metadata']
  const samples: ReadSample[] = []
  const exemplars: ReadExemplar[] = []
  while (reader.next()) {
    if (reader.field === TIME_SERIES.labelsRefs) labels = readLabels(reader.slice(), symbols)
    else if (reader.field === TIME_SERIES.samples) samples.push(readMessage(reader, () => readSample(reader)))
    else if (reader.field === TIME_SERIES.exemplars) {
      exemplars.push(readMessage(reader, () => readExemplar(reader, symbols)))
    } else if (reader.field === TIME_SERIES.metadata) {
      metadata = readMessage(reader, () => readMetadata(reader, symbols))
    } else reader.skip()
  }
  return { labels, samples, exemplars, ...(metadata === undefined ? {} : { metadata }) }
}

function readSample(reader: ProtoReader): ReadSample {
  let value: number | 'stale' = 0
  let timestampMs = 0
  let startMs = 0
  while (reader.next()) {
    if (reader.field === SAMPLE.value) {
      const stale = Buffer.compare(reader.bytes.subarray(reader.pos, reader.pos + 8), STALE_NAN_BYTES) === 0
      const number = reader.double()
      value = stale ? 'stale' : number
    } else if (reader.field === SAMPLE.timestamp) timestampMs = Number(reader.int64())
    else if (reader.field === SAMPLE.startTimestamp) startMs = Number(reader.int64())
    else reader.skip()
  }
  return { value, timestampMs, startMs }
}

function readExemplar(reader: ProtoReader, symbols: readonly string[]): ReadExemplar {
  let labels: Record<string, string> = {}
  let value = 0
  let timestampMs = 0
  while (reader.next()) {
    if (reader.field === EXEMPLAR.labelsRefs) labels = readLabels(reader.slice(), symbols)
    else if (reader.field === EXEMPLAR.value) value = reader.double()
    else if (reader.field === EXEMPLAR.timestamp) timestampMs = Number(reader.int64())
    else reader.skip()
  }
  return { labels, value, timestampMs }
}

function readMetadata(reader: ProtoReader, symbols: readonly string[]): ReadSeries['metadata'] {
  let type: MetricType | undefined = METRIC_TYPES[0]
  let help = ''
  let unit = ''
  while (reader.next()) {
    if (reader.field === METADATA.type) type = METRIC_TYPES[reader.uint32()]
    else if (reader.field === METADATA.helpRef) help = symbols[reader.uint32()] ?? ''
    else if (reader.field === METADATA.unitRef) unit = symbols[reader.uint32()] ?? ''
    else reader.skip()
  }
  return { type, help, unit }
}

function readLabels(packed: Uint8Array, symbols: readonly string[]): Record<string, string> {
  const refs = new ProtoReader(packed)
  const texts: string[] = []
  while (refs.pos < refs.end) {
    const text = symbols[refs.uint32()]
    if (text === undefined) throw new AppError('invalid', 'a label points outside the symbols')
    texts.push(text)
  }
  const labels: Record<string, string> = {}
  for (let i = 0; i < texts.length; i += 2) labels[texts[i] ?? ''] = texts[i + 1] ?? ''
  return labels
}

function readMessage<T>(reader: ProtoReader, read: () => T): T {
  const outer = reader.enter()
  const value = read()
  reader.leave(outer)
  return value
}
