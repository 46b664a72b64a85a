import { compress, uncompress } from 'snappyjs'
import { type Identity, SIGNALS } from '../src/model/index.ts'
import {
  checkOtlp,
  countItems,
  elasticBulkToOtlp,
  jsonToOtlp,
  lokiJsonToOtlp,
  lokiPushToOtlp,
  newCriLine,
  parseCriLine,
  readRemoteWrite2,
  remoteWrite1ToRequest2,
  remoteWrite2ToRequest1,
  snappyCompress,
  snappyUncompress,
  stampOtlp,
} from '../src/wire/index.ts'
import { PUSH_REQUEST } from '../src/wire/testing/logproto.ts'
import { OTLP_REQUEST_TYPES } from '../src/wire/testing/otlp-proto.ts'
import { REQUEST_2, WRITE_REQUEST } from '../src/wire/testing/prompb.ts'
import * as payloads from './wire/payloads.ts'

export const name = 'wire'

interface Result {
  readonly what: string
  readonly value: number
  readonly unit: string
}

const RUN_MS = 700
const LIMIT_BYTES = 1 << 25
const LINE_FEED = 0x0a

const identity: Identity = {
  cluster: 'prd-uaenorth',
  environment: 'prd',
  region: 'uaenorth',
  clusterType: 'workload',
  tenant: 'prd',
}

/** Each decoder on one core, by CPU time, beside the library that would do the same; `peer` in the name says which. */
export async function run(): Promise<readonly Result[]> {
  const results: Result[] = []
  const add = (what: string, payload: payloads.Payload, work: () => unknown): void => {
    results.push(...measure(what, payload, work))
  }
  for (const signal of SIGNALS) {
    const otlp = payloads.otlpPayload(signal)
    add(`OTLP ${signal}, count`, otlp, () => countItems(signal, otlp.bytes))
    add(`OTLP ${signal}, check`, otlp, () => checkOtlp(signal, otlp.bytes))
    add(`OTLP ${signal}, check and stamp`, otlp, () => stampOtlp(signal, otlp.bytes, identity))
    add(`OTLP ${signal}, peer protobufjs decode`, otlp, () => OTLP_REQUEST_TYPES[signal].decode(otlp.bytes))
    const json = payloads.otlpJsonPayload(signal)
    add(`OTLP/JSON ${signal}, to protobuf`, json, () => jsonToOtlp(signal, json.bytes))
    add(`OTLP/JSON ${signal}, peer JSON.parse`, json, () => JSON.parse(Buffer.from(json.bytes).toString()))
  }
  const write1 = payloads.remoteWrite1()
  add('remote write 1.0, check and to 2.0', write1, () => remoteWrite1ToRequest2(write1.bytes))
  add('remote write 1.0, peer protobufjs decode', write1, () => WRITE_REQUEST.decode(write1.bytes))
  const write2 = payloads.remoteWrite2()
  add('remote write 2.0, check', write2, () => readRemoteWrite2(write2.bytes))
  add('remote write 2.0, to 1.0', write2, () => remoteWrite2ToRequest1(write2.bytes))
  add('remote write 2.0, peer protobufjs decode', write2, () => REQUEST_2.decode(write2.bytes))
  const compressed = snappyCompress(write1.bytes)
  add('snappy, uncompress', write1, () => snappyUncompress(compressed, LIMIT_BYTES))
  add('snappy, peer snappyjs uncompress', write1, () => uncompress(compressed))
  add('snappy, compress', write1, () => snappyCompress(write1.bytes))
  add('snappy, peer snappyjs compress', write1, () => compress(write1.bytes))
  const push = payloads.lokiProto()
  add('Loki push, to OTLP', push, () => lokiPushToOtlp(push.bytes))
  add('Loki push, peer protobufjs decode', push, () => PUSH_REQUEST.decode(push.bytes))
  const pushJson = payloads.lokiJson()
  add('Loki push JSON, to OTLP', pushJson, () => lokiJsonToOtlp(pushJson.bytes))
  add('Loki push JSON, peer JSON.parse', pushJson, () => JSON.parse(Buffer.from(pushJson.bytes).toString()))
  const bulk = payloads.bulk()
  add('Elasticsearch bulk, to OTLP', bulk, () => elasticBulkToOtlp(bulk.bytes))
  const cri = payloads.criLines()
  add('CRI lines', cri, () => parseLines(cri.bytes))
  return Promise.resolve(results)
}

function parseLines(bytes: Uint8Array): number {
  const line = newCriLine()
  let lines = 0
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, start)
    if (parseCriLine(bytes, start, end, line)) lines += 1
    start = end + 1
  }
  return lines
}

function measure(what: string, { bytes, items }: payloads.Payload, work: () => unknown): readonly Result[] {
  for (let i = 0; i < 30; i++) work()
  const before = process.cpuUsage()
  const until = performance.now() + RUN_MS
  let rounds = 0
  for (; performance.now() < until; rounds++) work()
  const { user, system } = process.cpuUsage(before)
  const seconds = (user + system) / 1e6
  return [
    { what, value: (rounds * bytes.length) / 1e6 / seconds, unit: 'MB/s/core' },
    { what, value: (rounds * items) / seconds, unit: 'items/s/core' },
  ]
}
