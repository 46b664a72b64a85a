import { Readable } from 'node:stream'
import { AppError } from '../../core/index.ts'
import type { Scope } from '../../model/index.ts'
import type { ApiRequest, ApiResponse } from '../messages.ts'
import type { QueryRunner } from '../runner.ts'
import { NEXT_PAGE_HEADER } from './export-header.ts'

/**
 * The pages of an export one after the other. The next one is asked for when the client has taken the one before, so
 * that an export holds one page, whatever its size. `first` has been asked for already: it says whether the request
 * is right. An error further on breaks the answer off, so that no part is taken for the whole.
 */
export function exportPages(
  runner: QueryRunner,
  { request, scope, first }: { readonly request: ApiRequest; readonly scope: Scope; readonly first: ApiResponse },
  signal: AbortSignal,
): Readable {
  const pages = async function* (): AsyncGenerator<Uint8Array> {
    let response = first
    for (;;) {
      if (response.body.byteLength > 0) yield response.body
      const next = response.headers[NEXT_PAGE_HEADER]
      if (next === undefined) return
      const [start = '', end = ''] = next.split(' ')
      response = await runner.run(withRange(request, start, end), scope, signal)
      if (response.status !== 200) throw new AppError('unavailable', `an export failed with ${String(response.status)}`)
    }
  }
  return Readable.from(pages(), { objectMode: false })
}

function withRange(request: ApiRequest, start: string, end: string): ApiRequest {
  const query = new URLSearchParams(request.query)
  const form = new URLSearchParams(request.form)
  for (const params of [query, form]) for (const name of ['start', 'end', 'since']) params.delete(name)
  query.set('start', start)
  query.set('end', end)
  return { ...request, query: query.toString(), form: form.toString() }
}
