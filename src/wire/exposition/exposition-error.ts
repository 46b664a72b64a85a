import { AppError } from '../../core/index.ts'

/** An exposition that cannot be read or breaks a rule; it says where. */
export class ExpositionError extends AppError {
  /** Counted from 1. */
  readonly line: number
  /** In bytes, counted from 1. */
  readonly column: number

  constructor(what: string, line: number, column: number) {
    super('invalid', `exposition, line ${String(line)}, column ${String(column)}: ${what}`)
    this.name = 'ExpositionError'
    this.line = line
    this.column = column
  }

  /** An error at a byte offset; lines are counted only now, when somebody wants to know. */
  static at(bytes: Uint8Array, offset: number, what: string): ExpositionError {
    let line = 1
    let lineStart = 0
    for (let at = bytes.indexOf(LINE_FEED); at !== -1 && at < offset; at = bytes.indexOf(LINE_FEED, at + 1)) {
      line += 1
      lineStart = at + 1
    }
    return new ExpositionError(what, line, offset - lineStart + 1)
  }
}

const LINE_FEED = 0x0a
