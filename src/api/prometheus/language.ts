import { type ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { parsePromql, prettifyExpr, treeOfExpr } from '../../query/index.ts'
import { successResponse } from './json.ts'
import { parseParameter } from './params.ts'

/** `/api/v1/format_query`: the query laid out over lines. */
export const formatQuery: ApiHandler = (request, { features }) => {
  const params = new Params(request)
  const expr = parseParameter('query', () => parsePromql(params.queryText('query'), features))
  return successResponse(JSON.stringify(prettifyExpr(expr)))
}

/** `/api/v1/parse_query`: the syntax tree as JSON. */
export const parseQuery: ApiHandler = (request, { features }) => {
  const params = new Params(request)
  const expr = parseParameter('query', () => parsePromql(params.queryText('query'), features))
  return successResponse(JSON.stringify(treeOfExpr(expr)))
}
