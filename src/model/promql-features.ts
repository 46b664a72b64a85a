/** Parts of PromQL that Prometheus has only behind `--enable-feature`; the names are those of its flags. */
export const PROMQL_FEATURES = [
  'promql-experimental-functions',
  // On anyway since Prometheus 3.14; fleet files may name it.
  'promql-duration-expr',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
  // Not of the language: what `stats=all` tells.
  'promql-per-step-stats',
] as const
export type PromqlFeature = (typeof PROMQL_FEATURES)[number]
