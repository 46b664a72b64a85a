import { AppError } from '../../core/index.ts'
import type { Matcher, MatchOperator } from '../../model/index.ts'
import { type ProtoReader, ProtoReader as Reader, snappyUncompress, VARINT } from '../../wire/index.ts'
import { takeInt64, takeMessage, takeRepeated, takeString, takeUint32 } from '../../wire/proto/index.ts'

/** A query's text is refused sooner; so many bytes hold a hundred of the longest. */
const MAX_REQUEST_BYTES = 1_048_576
const MAX_QUERIES = 100
const MAX_MATCHERS = 1_000

/*
 * prometheus.ReadRequest: queries = 1 (repeated), accepted_response_types = 2 (repeated: 0 samples, 1 streamed chunks).
 * Query: start_timestamp_ms = 1, end_timestamp_ms = 2, matchers = 3 (repeated), hints = 4.
 * LabelMatcher: type = 1 (=, !=, =~, !~), name = 2, value = 3.
 */
export interface ReadQuery {
  /** Both ends are inside. */
  readonly startMs: number
  readonly endMs: number
  readonly matchers: readonly Matcher[]
}

export interface ReadRequest {
  readonly queries: readonly ReadQuery[]
  /** The first type that we know is streamed chunks. */
  readonly streamed: boolean
}

const OPERATORS: readonly MatchOperator[] = ['=', '!=', '=~', '!~']
const SAMPLES = 0
const STREAMED_XOR_CHUNKS = 1

/** Reads the body of a remote read: snappy over protobuf. Throws AppError `invalid` or `too_large`. */
export function parseReadRequest(body: Uint8Array): ReadRequest {
  const reader = new Reader(snappyUncompress(body, MAX_REQUEST_BYTES))
  const queries: ReadQuery[] = []
  const accepted: number[] = []
  while (reader.next()) {
    if (reader.field === 1) queries.push(takeMessage(reader, readQuery))
    else if (reader.field === 2) takeRepeated(reader, VARINT, () => reader.uint32(), accepted)
    else reader.skip()
    if (queries.length > MAX_QUERIES)
      throw new AppError('invalid', `more than ${String(MAX_QUERIES)} queries in a read`)
  }
  const type = accepted.find((one) => one === SAMPLES || one === STREAMED_XOR_CHUNKS)
  return { queries, streamed: type === STREAMED_XOR_CHUNKS }
}

function readQuery(reader: ProtoReader): ReadQuery {
  let [startMs, endMs] = [0, 0]
  const matchers: Matcher[] = []
  while (reader.next()) {
    if (reader.field === 1) startMs = Number(takeInt64(reader))
    else if (reader.field === 2) endMs = Number(takeInt64(reader))
    else if (reader.field === 3) matchers.push(takeMessage(reader, readMatcher))
    else reader.skip()
    if (matchers.length > MAX_MATCHERS) {
      throw new AppError('invalid', `more than ${String(MAX_MATCHERS)} matchers in a query of a read`)
    }
  }
  return { startMs, endMs, matchers }
}

function readMatcher(reader: ProtoReader): Matcher {
  let [type, name, value] = [0, '', '']
  while (reader.next()) {
    if (reader.field === 1) type = takeUint32(reader)
    else if (reader.field === 2) name = takeString(reader)
    else if (reader.field === 3) value = takeString(reader)
    else reader.skip()
  }
  const operator = OPERATORS[type]
  if (operator === undefined) throw new AppError('invalid', `invalid matcher type ${String(type)} in a read`)
  return { name, operator, value }
}
