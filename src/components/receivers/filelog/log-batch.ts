import {
  beginLogRecord,
  beginResourceBlock,
  beginScopeBlock,
  type LogFields,
  ProtoWriter,
  writeLogAttribute,
} from '../../../wire/index.ts'
import type { Stream } from './checkpoint.ts'
import type { TailedFile } from './tailed-file.ts'

const SCOPE = 'fleetglass/filelog'

/** A record with where it comes from. */
export interface FileRecord extends LogFields {
  readonly stream?: Stream | undefined
  readonly truncated: boolean
}

/**
 * An export request under construction. Records of one file that follow each other share a resource block; a file
 * that has its turn twice in a batch gets two blocks, which means the same.
 */
export class LogBatch {
  readonly #writer = new ProtoWriter(64 * 1024)
  #open: { readonly file: TailedFile; readonly block: number; readonly scope: number } | undefined
  records = 0

  get bytes(): number {
    return this.#writer.length
  }

  add(file: TailedFile, record: FileRecord): void {
    if (this.#open?.file !== file) this.#begin(file)
    const start = beginLogRecord(this.#writer, record)
    if (record.stream !== undefined) writeLogAttribute(this.#writer, 'log.iostream', record.stream)
    if (file.names !== undefined) {
      writeLogAttribute(this.#writer, 'log.file.name', file.names.name)
      writeLogAttribute(this.#writer, 'log.file.path', file.names.path)
    }
    if (record.truncated) writeLogAttribute(this.#writer, 'fleetglass.truncated', true)
    this.#writer.end(start)
    this.records += 1
  }

  /** The request's bytes; the batch is empty afterwards. */
  take(): Uint8Array {
    this.#end()
    const payload = this.#writer.finish()
    this.#writer.reset()
    this.records = 0
    return payload
  }

  #begin(file: TailedFile): void {
    this.#end()
    const block = beginResourceBlock(this.#writer, file.resource)
    this.#open = { file, block, scope: beginScopeBlock(this.#writer, SCOPE) }
  }

  #end(): void {
    if (this.#open === undefined) return
    this.#writer.end(this.#open.scope)
    this.#writer.end(this.#open.block)
    this.#open = undefined
  }
}
