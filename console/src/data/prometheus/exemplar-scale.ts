/** Whether the values of exemplars stand on the scale of the query: they are single observations. */
export function fitsExemplars(query: string): boolean {
  return /histogram_quantile|_over_time\s*\(\s*(?:duration|span:duration)|_bucket\b|_sum\b[\s\S]*_count\b/.test(query)
}
