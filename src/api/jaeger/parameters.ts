import { AppError, messageOf } from '../../core/index.ts'
import { parseGoDuration } from '../../query/index.ts'

/** A trace id of 1 to 32 hex digits as 32 in lower case. */
export function parseTraceId(text: string): string {
  if (text.length > 32) throw new AppError('invalid', `TraceID cannot be longer than 32 hex characters: ${text}`)
  if (!/^[0-9a-fA-F]+$/.test(text)) {
    throw new AppError('invalid', `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  return text.toLowerCase().padStart(32, '0')
}

/** A duration as Go writes it, in nanoseconds; undefined for ''. */
export function parseDuration(text: string, complaint: string): bigint | undefined {
  if (text === '') return undefined
  const ns = parseGoDuration(text)
  if (ns === undefined) throw new AppError('invalid', `${complaint}: time: invalid duration ${JSON.stringify(text)}`)
  return BigInt(ns)
}

/** As Go's ParseBool; '' is false. */
export function parseBool(text: string, complaint: string): boolean {
  if (['', '0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true
  throw new AppError('invalid', `${complaint}: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
}

/** A JSON object whose values are texts. */
export function parseTextMap(text: string, complaint: string): ReadonlyMap<string, string> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (reason) {
    throw new AppError('invalid', `${complaint}: it is no JSON`, { cause: reason })
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new AppError('invalid', `${complaint}: it must be an object of texts`)
  }
  const entries = Object.entries(json).map(([key, value]): [string, string] => {
    if (typeof value !== 'string') throw new AppError('invalid', `${complaint}: ${JSON.stringify(key)} is no text`)
    return [key, value]
  })
  return new Map(entries)
}

/** Says of which parameter it is that `read` complains. */
export function ofParameter<T>(complaint: string, read: () => T): T {
  try {
    return read()
  } catch (reason) {
    throw new AppError('invalid', `${complaint}: ${messageOf(reason)}`, { cause: reason })
  }
}

export function refuseWrongDurations(min: bigint | undefined, max: bigint | undefined, names: [string, string]): void {
  if (min !== undefined && max !== undefined && min !== 0n && max !== 0n && max < min) {
    throw new AppError('invalid', `'${names[1]}' should be greater than '${names[0]}'`)
  }
}
