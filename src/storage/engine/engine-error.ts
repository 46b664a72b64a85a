import { messageOf } from '../../core/index.ts'

/** ClickHouse's numbers for errors that this program makes itself. */
export const ENGINE_ERRORS = {
  BAD_ARGUMENTS: 36,
  QUERY_IS_TOO_LARGE: 161,
  READONLY: 164,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  NOT_ENOUGH_SPACE: 243,
  QUERY_WAS_CANCELLED: 394,
  UNKNOWN_QUERY_PARAMETER: 456,
  STD_EXCEPTION: 1001,
} as const

/** What ClickHouse calls an exception: a number and a text. Only the engine process knows it; clients see the text. */
export class EngineError extends Error {
  readonly number: number

  constructor(number: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EngineError'
    this.number = number
  }

  /** An error of ours in ClickHouse's words. */
  static of(name: keyof typeof ENGINE_ERRORS, message: string, cause?: unknown): EngineError {
    const number = ENGINE_ERRORS[name]
    return new EngineError(number, `Code: ${String(number)}. DB::Exception: ${message} (${name})`, { cause })
  }

  /** The binding's errors carry `clickhouseCode`; anything else is a fault of this program. */
  static from(reason: unknown): EngineError {
    if (reason instanceof EngineError) return reason
    if (reason instanceof Error && 'clickhouseCode' in reason && typeof reason.clickhouseCode === 'number') {
      return new EngineError(reason.clickhouseCode, reason.message, { cause: reason })
    }
    return EngineError.of('STD_EXCEPTION', messageOf(reason), reason)
  }
}

const STATUSES: ReadonlyMap<number, number> = new Map([
  // Texts and values that cannot be read.
  ...[6, 25, 26, 27, 32, 36, 38, 41, 42, 43, 53, 62, 69, 72, 117, 130, 131, 167, 168, 190, 321, 427, 441, 456, 457].map(
    (number): [number, number] => [number, 400],
  ),
  // Things that are not there: table, database, function, column, type, storage, setting, format, aggregate, dictionary.
  ...[16, 46, 47, 50, 56, 60, 63, 73, 78, 81, 115].map((number): [number, number] => [number, 404]),
  [48, 501],
  [159, 408],
  [ENGINE_ERRORS.READONLY, 403],
  [497, 403],
  [ENGINE_ERRORS.QUERY_IS_TOO_LARGE, 413],
  [209, 503],
])

/** The HTTP status with which ClickHouse answers for an exception of this number; 500 for most. */
export function httpStatusOf(number: number): number {
  return STATUSES.get(number) ?? 500
}
