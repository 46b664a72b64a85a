import { parseLogql, prettifyLogql } from '../../query/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { successResponse } from './json.ts'

/** `/loki/api/v1/format_query`. */
export const formatQuery: ApiHandler = (request) => {
  const query = new Params(request).queryText('query')
  return successResponse(JSON.stringify(prettifyLogql(parseLogql(query))))
}
