import { randomFillSync } from 'node:crypto'
import { ProtoWriter } from '../../src/wire/index.ts'

/** What stands in a template where each request has something of its own. */
const TIME_MARK = 0x5bad_7173_e5a1_0d01n
const VALUE_MARK = -6.022_140_76e-23
const ID_MARK = Buffer.from('8f1dfc2ad0a74b6e', 'hex')
const TEXT_MARK = '<<<<<<<<<<<<>>>>>>>>>>>>'

const HEX = Buffer.from('0123456789abcdef')
const POOL = 1 << 20

/**
 * A request in wire bytes in which times, values, ids and a piece of each text are set anew before each sending, so that
 * nothing downstream compresses or repeats better than real telemetry, at the cost of a copy.
 */
export class Template {
  readonly items: number
  readonly #bytes: Buffer
  readonly #times: Int32Array
  readonly #values: Int32Array
  readonly #ids: Int32Array
  readonly #texts: Int32Array
  #round = 0

  constructor(items: number, bytes: Uint8Array) {
    this.items = items
    this.#bytes = Buffer.from(bytes)
    const time = Buffer.alloc(8)
    time.writeBigUInt64LE(TIME_MARK)
    const value = Buffer.alloc(8)
    value.writeDoubleLE(VALUE_MARK)
    this.#times = offsetsOf(this.#bytes, time)
    this.#values = offsetsOf(this.#bytes, value)
    this.#ids = offsetsOf(this.#bytes, ID_MARK)
    this.#texts = offsetsOf(this.#bytes, Buffer.from(TEXT_MARK))
  }

  /** A new request as of now. */
  next(nowMs: number): Buffer {
    const bytes = Buffer.from(this.#bytes)
    const ns = BigInt(Math.round(nowMs * 1_000)) * 1_000n
    const low = Number(ns & 0xffff_ffffn)
    const high = Number(ns >> 32n)
    for (const at of this.#times) {
      bytes.writeUInt32LE(low, at)
      bytes.writeUInt32LE(high, at + 4)
    }
    // Gauges with three decimals, which is what most are.
    this.#round++
    for (const at of this.#values) bytes.writeDoubleLE(Math.round(Math.random() * 100_000) / 1_000, at)
    for (const at of this.#ids) pool.copy(bytes, at, nextOf(ID_MARK.length), poolAt)
    for (const at of this.#texts) {
      nextOf(TEXT_MARK.length)
      for (let i = 0; i < TEXT_MARK.length; i++) bytes[at + i] = HEX[(pool[poolAt - i - 1] ?? 0) & 15] ?? 0
    }
    return bytes
  }
}

const pool = randomFillSync(Buffer.alloc(POOL))
let poolAt = 0

/** Moves over `length` random bytes and returns where they begin. */
function nextOf(length: number): number {
  if (poolAt + length > POOL) {
    randomFillSync(pool)
    poolAt = 0
  }
  poolAt += length
  return poolAt - length
}

function offsetsOf(bytes: Buffer, mark: Buffer): Int32Array {
  const offsets: number[] = []
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) offsets.push(at)
  return Int32Array.from(offsets)
}

/** 10 metrics of 100 pods: 1,000 gauge points of 4 attributes; another `number`, other series. */
export function metricTemplate(number: number): Template {
  return toTemplate(number, 1_000, (writer) => {
    for (let metric = 0; metric < 10; metric++) {
      const start = writer.begin(2)
      writer.string(1, `http.server.active_requests_${metric}`)
      writer.string(3, '{request}')
      const gauge = writer.begin(5)
      for (let i = 0; i < 100; i++) {
        const point = writer.begin(1)
        attribute(writer, 7, 'http.method', 'GET')
        attribute(writer, 7, 'http.route', `/api/${i % 20}`)
        attribute(writer, 7, 'status', '200')
        attribute(writer, 7, 'pod', `cart-${number}-${i}`)
        writer.fixed64(3, TIME_MARK)
        writer.double(4, VALUE_MARK)
        writer.end(point)
      }
      writer.end(gauge)
      writer.end(start)
    }
  })
}

/** 1,000 records of about 400 bytes: 5 attributes, a sentence, trace and span id. */
export function logTemplate(number: number): Template {
  return toTemplate(number, 1_000, (writer) => {
    for (let i = 0; i < 1_000; i++) {
      const record = writer.begin(2)
      writer.fixed64(1, TIME_MARK)
      writer.int64(2, i % 50 === 0 ? 17 : 9)
      writer.string(3, i % 50 === 0 ? 'ERROR' : 'INFO')
      const body = writer.begin(5)
      writer.string(
        1,
        `request ${TEXT_MARK} handled by cart service: user session validated, ${i % 7} items priced, discount none, payment authorised by provider in ${i % 900} ms, order queued for fulfilment`,
      )
      writer.end(body)
      attribute(writer, 6, 'http.method', 'GET')
      attribute(writer, 6, 'http.target', `/cart/${(i * 7_919) % 100_000}`)
      attribute(writer, 6, 'user.id', `user-${(i * 104_729) % 50_000}`)
      attribute(writer, 6, 'http.status_code', 200)
      attribute(writer, 6, 'duration_ms', (i * 31) % 1_000)
      writer.bytes(9, Buffer.concat([ID_MARK, ID_MARK]))
      writer.bytes(10, ID_MARK)
      writer.fixed64(11, TIME_MARK)
      writer.end(record)
    }
  })
}

/** 512 spans of 10 attributes, about 410 bytes each, every span a trace of its own. */
export function spanTemplate(number: number): Template {
  return toTemplate(number, 512, (writer) => {
    for (let i = 0; i < 512; i++) {
      const span = writer.begin(2)
      writer.bytes(1, Buffer.concat([ID_MARK, ID_MARK]))
      writer.bytes(2, ID_MARK)
      writer.string(5, `GET /api/${i % 20}`)
      writer.int64(6, 2)
      writer.fixed64(7, TIME_MARK)
      writer.fixed64(8, TIME_MARK)
      for (let n = 0; n < 8; n++) attribute(writer, 9, `http.attribute.${n}`, `value ${(i * 31 + n * 7) % 1_000}`)
      attribute(writer, 9, 'http.status_code', 200)
      attribute(writer, 9, 'net.peer.port', 8080)
      writer.end(span)
    }
  })
}

function toTemplate(number: number, items: number, writeItems: (writer: ProtoWriter) => void): Template {
  const writer = new ProtoWriter(1 << 19)
  const top = writer.begin(1)
  const resource = writer.begin(1)
  for (const [key, value] of Object.entries(resourceOf(number))) attribute(writer, 1, key, value)
  writer.end(resource)
  const scope = writer.begin(2)
  const about = writer.begin(1)
  writer.string(1, 'io.opentelemetry.http')
  writer.string(2, '1.2.3')
  writer.end(about)
  writeItems(writer)
  writer.end(scope)
  writer.end(top)
  return new Template(items, writer.finish())
}

function resourceOf(number: number): Readonly<Record<string, string>> {
  return {
    'service.name': `service-${number % 10}`,
    'service.namespace': 'shop',
    'service.instance.id': `instance-${number}`,
    'k8s.namespace.name': 'shop',
    'k8s.pod.name': `service-${number}-abcde`,
  }
}

function attribute(writer: ProtoWriter, field: number, key: string, value: string | number): void {
  const pair = writer.begin(field)
  writer.string(1, key)
  const any = writer.begin(2)
  if (typeof value === 'string') writer.string(1, value)
  else writer.int64(3, value)
  writer.end(any)
  writer.end(pair)
}
