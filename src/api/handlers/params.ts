import { AppError } from '../../core/index.ts'
import type { ApiRequest } from '../messages.ts'

/** The longest query text that is parsed. */
const MAX_QUERY_BYTES = 65_536

/** Parameters of a request: those of the form, then those of the query string. */
export class Params {
  readonly #form: URLSearchParams
  readonly #query: URLSearchParams

  constructor(request: ApiRequest) {
    this.#form = new URLSearchParams(wellFormed(request.form))
    this.#query = new URLSearchParams(wellFormed(request.query))
  }

  /** The first value, or '' when there is none. */
  get(name: string): string {
    return this.#form.get(name) ?? this.#query.get(name) ?? ''
  }

  all(name: string): string[] {
    return [...this.#form.getAll(name), ...this.#query.getAll(name)]
  }

  /** A query text within the limit of length. */
  queryText(name: string): string {
    return checkLength(this.get(name))
  }

  queryTexts(name: string): string[] {
    return this.all(name).map(checkLength)
  }
}

/** Without pairs that have a semicolon or half an escape: Go leaves these out, where browsers would take them as they are. */
function wellFormed(text: string): string {
  if (!MALFORMED.test(text)) return text
  return text
    .split('&')
    .filter((pair) => !MALFORMED.test(pair))
    .join('&')
}

const MALFORMED = /;|%(?![0-9A-Fa-f]{2})/

function checkLength(text: string): string {
  if (Buffer.byteLength(text) <= MAX_QUERY_BYTES) return text
  throw new AppError('invalid', `the query is longer than ${String(MAX_QUERY_BYTES)} bytes`)
}
