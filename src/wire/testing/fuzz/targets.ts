import fc from 'fast-check'
import type protobuf from 'protobufjs'
import { uncompress } from 'snappyjs'
import { AppError } from '../../../core/index.ts'
import type { Identity, Signal } from '../../../model/index.ts'
import { newCriLine, parseCriLine } from '../../cri/index.ts'
import { elasticBulkToOtlp } from '../../elastic/index.ts'
import { type ExpositionFormat, ExpositionParser, validateOpenMetrics } from '../../exposition/index.ts'
import { JsonReader } from '../../json/index.ts'
import { lokiJsonToOtlp, lokiPushToOtlp } from '../../loki/index.ts'
import { checkOtlp, countItems, jsonToOtlp, mergeOtlp, stampOtlp } from '../../otlp/index.ts'
import { readRemoteWrite2, remoteWrite1ToRequest2, remoteWrite2ToRequest1 } from '../../remote-write/index.ts'
import { countRemoteWrite2, stampRemoteWrite2 } from '../../remote-write/stamp.ts'
import { snappyCompress, snappyUncompress } from '../../snappy/index.ts'
import { arbitraryMessage } from '../arbitrary-message.ts'
import { PUSH_REQUEST } from '../logproto.ts'
import { OTLP_REQUEST_TYPES, toPlain } from '../otlp-proto.ts'
import { REQUEST_2, WRITE_REQUEST } from '../prompb.ts'
import { type Difference, type FuzzTarget, Violation } from './fuzzer.ts'
import * as samples from './samples.ts'

const identity: Identity = {
  cluster: 'dev-uaenorth',
  environment: 'dev',
  region: 'uaenorth',
  clusterType: 'workload',
  tenant: 'dev',
}

const OUTPUT_LIMIT = 1 << 24

function must(holds: boolean, what: string): void {
  if (!holds) throw new Violation(what)
}

/** What we write must be read by the official definition, which is strict about texts too. */
function mustDecode(type: protobuf.Type, bytes: Uint8Array, what: string): void {
  try {
    type.decode(bytes)
  } catch (reason) {
    throw new Violation(`${what} can not be decoded: ${String(reason)}`)
  }
}

function isDecodable(type: protobuf.Type, bytes: Uint8Array): string {
  try {
    type.decode(bytes)
    return ''
  } catch (reason) {
    return String(reason)
  }
}

/** Why a peer that reads protobuf may come to another verdict than ours. */
function compareProto(type: protobuf.Type, refusal: (bytes: Uint8Array) => string) {
  return (bytes: Uint8Array, isAccepted: boolean): Difference | undefined => {
    const theirs = isDecodable(type, bytes)
    if (isAccepted === (theirs === '')) return undefined
    if (isAccepted) {
      // Texts are judged by item, not by request; and unknown fields are stepped over, whatever a group in them says.
      const isText = theirs.includes('utf-8')
      return { what: `we accept, protobufjs says ${theirs.slice(0, 60).replace(/\d+/g, 'N')}`, isJustified: isText }
    }
    const ours = refusal(bytes)
    const isJustified = /wire type|more than|symbol|reference|first symbol|field number|longer than 10/.test(ours)
    return { what: `protobufjs accepts, we say ${ours.replace(/\d+/g, 'N').slice(0, 60)}`, isJustified }
  }
}

function refusalOf(read: (bytes: Uint8Array) => unknown): (bytes: Uint8Array) => string {
  return (bytes) => {
    try {
      read(bytes)
      return ''
    } catch (reason) {
      return reason instanceof Error ? reason.message : String(reason)
    }
  }
}

function otlp(signal: Signal): FuzzTarget {
  const type = OTLP_REQUEST_TYPES[signal]
  return {
    name: `otlp-${signal}`,
    form: 'protobuf',
    seeds: encoded(type),
    run: (bytes) => {
      const items = checkOtlp(signal, bytes)
      must(countItems(signal, bytes) === items, 'count and check differ')
      const stamped = stampOtlp(signal, bytes, identity)
      must(stamped.items === items, 'stamp and check count differently')
      must(checkOtlp(signal, stamped.bytes) === items, 'the stamped request is not the same')
      must(stampOtlp(signal, stamped.bytes, identity).bytes === stamped.bytes, 'stamping twice changes something')
      must(countItems(signal, mergeOtlp([bytes, stamped.bytes])) === 2 * items, 'merging loses something')
      return stamped.bytes.length
    },
    compare: compareProto(
      type,
      refusalOf((bytes) => checkOtlp(signal, bytes)),
    ),
  }
}

/** Random valid messages of a type, always the same. */
function encoded(type: protobuf.Type): readonly Uint8Array[] {
  return fc
    .sample(arbitraryMessage(type, { depth: 8 }), { numRuns: 40, seed: 7 })
    .map((message) => type.encode(type.fromObject(message)).finish())
    .filter((bytes) => bytes.length > 20)
}

const HEX_KEYS = new Set(['traceId', 'spanId', 'parentSpanId'])

function toOtlpJson(key: string, value: unknown): unknown {
  if (HEX_KEYS.has(key)) return Buffer.from(String(value), 'base64').toString('hex')
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function otlpJson(signal: Signal): FuzzTarget {
  const type = OTLP_REQUEST_TYPES[signal]
  return {
    name: `otlp-json-${signal}`,
    form: 'text',
    seeds: encoded(type).map((bytes) => Buffer.from(JSON.stringify(toPlain(type, bytes), toOtlpJson))),
    words: samples.JSON_WORDS,
    run: (bytes) => {
      const payload = jsonToOtlp(signal, bytes)
      // More attributes than the limit are refused later, as with protobuf.
      checkOtlp(signal, payload)
      mustDecode(type, payload, 'what came of OTLP/JSON')
      return payload.length
    },
    compare: (bytes, isAccepted) =>
      isAccepted && !isJson(bytes) ? { what: 'we accept what JSON.parse does not', isJustified: false } : undefined,
  }
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
    return true
  } catch {
    return false
  }
}

const remoteWrite1: FuzzTarget = {
  name: 'remote-write-1',
  form: 'protobuf',
  seeds: [...samples.REMOTE_WRITE_1, ...encoded(WRITE_REQUEST)],
  run: (bytes) => {
    const { payload, samples: count, histograms } = remoteWrite1ToRequest2(bytes)
    must(countRemoteWrite2(payload) === count + histograms, 'the counts of 1.0 are not those of 2.0')
    mustDecode(REQUEST_2, payload, 'the request of 2.0')
    for (const problem of readRemoteWrite2(payload).rejected.keys()) {
      // Metadata, exemplars alone, and both kinds of samples are well in 1.0.
      must(problem === 'no_samples' || problem === 'samples_and_histograms', `our own request is refused: ${problem}`)
    }
    mustDecode(WRITE_REQUEST, remoteWrite2ToRequest1(payload), 'the way back to 1.0')
    return payload.length
  },
  compare: compareProto(WRITE_REQUEST, refusalOf(remoteWrite1ToRequest2)),
}

const remoteWrite2: FuzzTarget = {
  name: 'remote-write-2',
  form: 'protobuf',
  seeds: [...samples.REMOTE_WRITE_2, ...encoded(REQUEST_2)],
  run: (bytes) => {
    const { payload, samples: count, histograms, exemplars, series } = readRemoteWrite2(bytes)
    must(countRemoteWrite2(payload) === count + histograms, 'the counts are not those of the payload')
    const again = readRemoteWrite2(payload)
    must(
      again.rejected.size === 0 && again.exemplars === exemplars && again.series === series,
      'the payload is not good',
    )
    must(again.payload === payload || payload.length === 0, 'checking twice changes something')
    if (payload.length > 0) mustDecode(REQUEST_2, payload, 'the payload')
    const stamped = stampRemoteWrite2(payload, identity)
    must(readRemoteWrite2(stamped.bytes).samples === count, 'stamping loses samples')
    return payload.length
  },
  compare: compareProto(REQUEST_2, refusalOf(readRemoteWrite2)),
}

const snappy: FuzzTarget = {
  name: 'snappy',
  form: 'bytes',
  seeds: samples.TEXTS.flatMap((text) => [snappyCompress(text), text]),
  run: (bytes) => {
    const compressed = snappyCompress(bytes)
    must(Buffer.compare(snappyUncompress(compressed, bytes.length), bytes) === 0, 'the round trip changes something')
    return snappyUncompress(bytes, OUTPUT_LIMIT).length - 22 * bytes.length
  },
  // What we refuse is not given to snappyjs: on some of it, it never comes to an end.
  compare: (bytes, isAccepted) => {
    if (!isAccepted) return undefined
    let theirs: Uint8Array
    try {
      theirs = uncompress(new Uint8Array(bytes), OUTPUT_LIMIT)
    } catch {
      return { what: 'we accept, snappyjs does not', isJustified: false }
    }
    const isSame = Buffer.compare(theirs, snappyUncompress(bytes, OUTPUT_LIMIT)) === 0
    return isSame ? undefined : { what: 'snappyjs reads something else', isJustified: false }
  },
}

function logsOf({ payload, entries }: { readonly payload: Uint8Array; readonly entries: number }): number {
  must(checkOtlp('logs', payload) === entries, 'the count is not that of the payload')
  mustDecode(OTLP_REQUEST_TYPES.logs, payload, 'the OTLP')
  return payload.length
}

const lokiProto: FuzzTarget = {
  name: 'loki-protobuf',
  form: 'protobuf',
  seeds: [...samples.LOKI, ...encoded(PUSH_REQUEST)],
  run: (bytes) => logsOf(lokiPushToOtlp(bytes)),
  compare: compareProto(PUSH_REQUEST, refusalOf(lokiPushToOtlp)),
}

const compareJson = (bytes: Uint8Array, isAccepted: boolean): Difference | undefined =>
  isAccepted && !isJson(bytes) ? { what: 'we accept what JSON.parse does not', isJustified: false } : undefined

const lokiJson: FuzzTarget = {
  name: 'loki-json',
  form: 'text',
  seeds: samples.LOKI_JSON,
  words: samples.JSON_WORDS,
  run: (bytes) => logsOf(lokiJsonToOtlp(bytes)),
  compare: compareJson,
}

const bulk: FuzzTarget = {
  name: 'elastic-bulk',
  form: 'text',
  seeds: samples.BULK,
  words: [...samples.JSON_WORDS, '\n', '{"create":{}}\n', '@timestamp'],
  run: (bytes) => {
    const { payload, records, items } = elasticBulkToOtlp(bytes)
    must(items.filter(({ status }) => status === 201).length === records, 'the answers do not say what was taken')
    return logsOf({ payload, entries: records })
  },
}

const json: FuzzTarget = {
  name: 'json',
  form: 'text',
  seeds: samples.LOKI_JSON,
  words: samples.JSON_WORDS,
  run: (bytes) => {
    const reader = new JsonReader(bytes)
    reader.skip()
    reader.finish()
    return 0
  },
  compare: (bytes, isAccepted) =>
    isAccepted === isJson(bytes)
      ? undefined
      : { what: `JSON.parse says otherwise (${String(isAccepted)})`, isJustified: false },
}

const cri: FuzzTarget = {
  name: 'cri',
  form: 'text',
  seeds: samples.CRI,
  words: ['P', 'F', ' ', 'stdout', 'stderr', 'Z', '+01:00', '.', ':', '2026', '\n', ''],
  run: (bytes) => {
    const line = newCriLine()
    if (!parseCriLine(bytes, 0, bytes.length, line)) throw new AppError('invalid', 'no CRI line')
    must(line.textStart <= line.textEnd && line.textEnd <= bytes.length, 'the text lies outside of the line')
    return 0
  },
}

function exposition(format: ExpositionFormat): FuzzTarget {
  return {
    name: format,
    form: 'text',
    seeds: samples.EXPOSITIONS,
    words: samples.EXPOSITION_WORDS,
    run: (bytes) => {
      const parser = new ExpositionParser(bytes, { format })
      for (let entry = parser.next(); entry !== 'end'; entry = parser.next()) {
        if (entry !== 'sample') continue
        must(parser.labels().length % 2 === 0, 'a label has no value')
        if (parser.hasExemplar) parser.exemplar()
      }
      if (format === 'openmetrics-text') validateOpenMetrics(bytes)
      return 0
    },
  }
}

/** Every decoder of this folder. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  otlp('logs'),
  otlp('metrics'),
  otlp('traces'),
  otlpJson('logs'),
  otlpJson('metrics'),
  otlpJson('traces'),
  remoteWrite1,
  remoteWrite2,
  snappy,
  lokiProto,
  lokiJson,
  bulk,
  json,
  cri,
  exposition('prometheus-text'),
  exposition('openmetrics-text'),
]
