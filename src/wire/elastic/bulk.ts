import { isUtf8 } from 'node:buffer'
import { AppError } from '../../core/index.ts'
import { JSON_KINDS, JsonReader, JsonText } from '../json/index.ts'
import { BulkDocuments } from './document.ts'
import {
  BULK_OPERATIONS,
  type BulkItem,
  type BulkOperation,
  type BulkOptions,
  type BulkProblem,
  type BulkVerdict,
  DEFAULT_BULK_LIMITS,
} from './verdict.ts'

const NEWLINE = 0x0a
const OPEN_BRACE = 0x7b

const ERROR_TYPES: Readonly<Record<BulkProblem, string>> = {
  bad_document: 'document_parsing_exception',
  bad_operation: 'illegal_argument_exception',
  too_old: 'illegal_argument_exception',
  too_new: 'illegal_argument_exception',
}

/**
 * Reads the body of Elasticsearch's `_bulk` (NDJSON: an operation, then its document) and writes the documents as OTLP
 * logs. Every operation gets an answer of its own; a bad document does not touch its neighbours. Throws AppError
 * `invalid` where the lines can not be told apart any more: an operation that is none, or one without its document.
 */
export function elasticBulkToOtlp(bytes: Uint8Array, options: BulkOptions = {}): BulkVerdict {
  return new BulkReader(bytes, options).run()
}

interface Action {
  readonly operation: BulkOperation
  readonly index: string
  readonly id: string | undefined
}

class BulkReader {
  readonly #bytes: Uint8Array
  readonly #options: BulkOptions
  readonly #isUtf8: 'is-utf8' | 'unknown'
  readonly #documents: BulkDocuments
  readonly #text = new JsonText()
  readonly #items: BulkItem[] = []
  readonly #rejected = new Map<BulkProblem, number>()
  #duplicates = 0
  #pos = 0
  #line = 0

  constructor(bytes: Uint8Array, options: BulkOptions) {
    this.#bytes = bytes
    this.#options = options
    this.#isUtf8 = isUtf8(bytes) ? 'is-utf8' : 'unknown'
    this.#documents = new BulkDocuments(options.limits ?? DEFAULT_BULK_LIMITS)
  }

  run(): BulkVerdict {
    for (;;) {
      const start = this.#pos
      if (start >= this.#bytes.length) break
      const end = this.#nextLine()
      if (isBlank(this.#bytes, start, end)) continue
      const action = this.#action(start, end)
      if (action.operation === 'delete') this.#refuse(action, 'bad_operation', 'documents can not be deleted here')
      else this.#document(action)
    }
    const { records, cut } = this.#documents
    const payload = this.#documents.finish()
    return { payload, records, items: this.#items, duplicates: this.#duplicates, rejected: this.#rejected, cut }
  }

  #document(action: Action): void {
    const start = this.#pos
    if (start >= this.#bytes.length) throw this.#malformed('the document is missing')
    const end = this.#nextLine()
    const { operation, index, id } = action
    if (operation === 'update') {
      this.#refuse(action, 'bad_operation', 'documents can not be updated here, only created')
      return
    }
    if (id !== undefined && this.#options.isHeld?.(index, id) === true) {
      this.#duplicates += 1
      const error = { type: 'version_conflict_engine_exception', reason: 'the document is held already' }
      this.#items.push({ operation, index, id, status: 409, error })
      return
    }
    try {
      const reader = new JsonReader(this.#bytes, start, end, this.#isUtf8)
      const problem = this.#documents.add(reader, { index, id })
      if (problem === undefined)
        this.#items.push({ operation, index, ...(id === undefined ? {} : { id }), status: 201 })
      else this.#refuse(action, problem.problem, problem.reason)
    } catch (reason) {
      if (!(reason instanceof AppError) || reason.code !== 'invalid') throw reason
      this.#refuse(action, 'bad_document', reason.message)
    }
  }

  /** `{"create":{"_index":"…","_id":"…"}}`; what else it says does not matter. */
  #action(start: number, end: number): Action {
    if (this.#bytes[start] !== OPEN_BRACE && !isBlank(this.#bytes, start, end)) {
      throw this.#malformed('an operation was expected')
    }
    const reader = new JsonReader(this.#bytes, start, end, this.#isUtf8)
    reader.beginObject()
    if (!reader.nextMember()) throw this.#malformed('the operation is empty')
    this.#text.take(reader)
    const word = this.#text.toString()
    const operation = BULK_OPERATIONS.find((known) => known === word)
    if (operation === undefined) throw this.#malformed(`the operation is none of ${BULK_OPERATIONS.join(', ')}`)
    let index = this.#options.index ?? ''
    let id: string | undefined
    reader.beginObject()
    while (reader.nextMember()) {
      this.#text.take(reader)
      const name = this.#text.toString()
      if (reader.kind() !== JSON_KINDS.string) {
        reader.skip()
        continue
      }
      reader.string()
      this.#text.take(reader)
      if (name === '_index') index = this.#text.toString()
      else if (name === '_id') id = this.#text.toString()
    }
    if (reader.nextMember()) throw this.#malformed('two operations stand in one line')
    reader.finish()
    return { operation, index, id: id === '' ? undefined : id }
  }

  #refuse({ operation, index, id }: Action, problem: BulkProblem, reason: string): void {
    this.#rejected.set(problem, (this.#rejected.get(problem) ?? 0) + 1)
    const error = { type: ERROR_TYPES[problem], reason }
    this.#items.push({ operation, index, ...(id === undefined ? {} : { id }), status: 400, error })
  }

  /** Goes behind the present line; returns where its text ends. */
  #nextLine(): number {
    this.#line += 1
    const newline = this.#bytes.indexOf(NEWLINE, this.#pos)
    const end = newline < 0 ? this.#bytes.length : newline
    this.#pos = newline < 0 ? end : newline + 1
    return end
  }

  #malformed(what: string): AppError {
    return new AppError('invalid', `_bulk: malformed line ${String(this.#line)}: ${what}`)
  }
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false
  }
  return true
}
