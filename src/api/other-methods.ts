import { type ApiResponse, emptyResponse, textResponse } from './messages.ts'
import { QUERY_ROUTE_NAMES, QUERY_ROUTES } from './routes.ts'

/** Prometheus' addresses with the methods that they take. */
const ADDRESSES = QUERY_ROUTE_NAMES.map((name) => QUERY_ROUTES[name])
  .filter(({ api }) => api === 'prometheus')
  .map(({ path, methods }) => ({ pattern: patternOf(path), methods }))

/**
 * What Prometheus answers a request of another method at one of its addresses: 204 to OPTIONS, which it takes at any,
 * else 405 and which methods there are. Undefined where there is no such address. Other origins are not let in.
 */
export function answerOtherMethod(method: string, path: string): ApiResponse | undefined {
  if (method === 'OPTIONS' && path.startsWith('/prometheus/api/v1/')) return emptyResponse()
  const address = ADDRESSES.find(({ pattern }) => pattern.test(path))
  if (address === undefined) return undefined
  const refusal = textResponse('Method Not Allowed\n', 405)
  return { ...refusal, headers: { ...refusal.headers, allow: [...address.methods, 'OPTIONS'].sort().join(', ') } }
}

/** Of a path in fastify's notation. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:[a-z]+/g, '[^/]+')}$`)
}
