import { CHOSEN } from './kit/index.ts'

const COUNT = 'http_server_request_duration_seconds_count'
const BUCKET = 'http_server_request_duration_seconds_bucket'

/** Over which time a rate looks: graphs by their step, figures and tables by the dashboard's window. */
type Window = '$__rate_interval' | '$window'

/** Requests per second that services answer. `more` is further matchers. */
export function requestRate(by: string, window: Window, more = ''): string {
  return `sum by (${by}) (rate(${COUNT}{${selector(more)}}[${window}]))`
}

/** The share of requests that ended with a 5xx; 0 where there are requests and no errors. */
export function errorRatio(by: string, window: Window, more = ''): string {
  const errors = requestRate(by, window, `http_response_status_code=~"5..", ${more}`)
  const all = requestRate(by, window, more)
  return `(${errors} or ${all} * 0) / ${all}`
}

/** A quantile of the time to answer, in seconds. */
export function latency(quantile: number, by: string, window: Window, more = ''): string {
  const rate = `sum by (${by}, le) (rate(${BUCKET}{${selector(more)}}[${window}]))`
  return `histogram_quantile(${String(quantile)}, ${rate})`
}

function selector(more: string): string {
  const rest = more.replace(/,\s*$/, '')
  return rest === '' ? CHOSEN : `${CHOSEN}, ${rest}`
}
