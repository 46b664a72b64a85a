/**
 * Where in telemetry text stands, in the words of scrub rules:
 *
 * - `resource`, `scope`: their attributes, and the scope's name;
 * - `attributes`: of log records, spans, data points, metrics; the values of Prometheus' labels;
 * - `body`: of log records, as text or structured;
 * - `name`: of spans, and the event name of log records; `status`: the message of a span's status;
 * - `events`, `links`, `exemplars`: everything in them;
 * - `description`: of metrics, Prometheus' help;
 * - `metadata`: what programs call things: names and units of metrics, schema URLs, versions, severity texts, trace state;
 * - `keys`: the keys of attributes, wherever they stand.
 */
export const TEXT_PLACES = [
  'resource',
  'scope',
  'attributes',
  'body',
  'name',
  'status',
  'events',
  'links',
  'exemplars',
  'description',
  'metadata',
  'keys',
] as const

export type TextPlace = (typeof TEXT_PLACES)[number]
