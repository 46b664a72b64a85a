import type { TraceSeries } from '../../data/tempo/client.ts'

/** Where spans say how a request was answered: today's conventions and those before. */
const CODES = [
  { attribute: 'span.http.response.status_code', kind: 'http' },
  { attribute: 'span.http.status_code', kind: 'http' },
  { attribute: 'span.rpc.grpc.status_code', kind: 'grpc' },
] as const

/** Counts the spans that a search in TraceQL finds by how they were answered. */
export function answersQuery(search: string): string {
  return `${search} | count_over_time() by (${CODES.map(({ attribute }) => attribute).join(', ')}, status)`
}

/** How many requests were answered in one way. */
export interface Answer {
  /** `504`, `gRPC 14 unavailable`, `no code`. */
  readonly words: string
  /** Of all spans that were counted. */
  readonly share: number
  readonly count: number
  readonly outcome: 'good' | 'refused' | 'failed'
  /** The same spans in TraceQL; undefined where no attribute tells them. */
  readonly condition: string | undefined
}

/** The answers of an edge: what failed first, then what was refused, each by how often. */
export function readAnswers(series: readonly TraceSeries[]): readonly Answer[] {
  const total = series.reduce((sum, { value }) => sum + value, 0)
  const found = new Map<string, Omit<Answer, 'share'>>()
  for (const { labels, value } of series) {
    if (value <= 0) continue
    const isError = labels.get('status')?.text === 'error'
    const code = CODES.map(({ attribute, kind }) => ({ attribute, kind, value: labels.get(attribute) })).find(
      (one) => one.value !== undefined && one.value.text !== 'nil',
    )
    const words =
      code?.value === undefined ? (isError ? 'failed, no code' : 'no code') : wordsOf(code.kind, code.value.text)
    const before = found.get(words)
    const failed = outcomeOf(code?.kind, code?.value?.text, isError)
    found.set(words, {
      words,
      count: (before?.count ?? 0) + value,
      // One way of answering has one outcome: the worse one, where spans of it disagree.
      outcome: before === undefined || ORDER.indexOf(failed) < ORDER.indexOf(before.outcome) ? failed : before.outcome,
      condition: either(
        before?.condition,
        code?.value === undefined ? undefined : `${code.attribute} = ${code.value.literal}`,
      ),
    })
  }
  return [...found.values()]
    .map((one) => ({ ...one, share: total === 0 ? 0 : one.count / total }))
    .sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome) || b.count - a.count)
}

function either(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b
  return `(${[a.replace(/^\((.*)\)$/, '$1'), b].join(' || ')})`
}

const ORDER: readonly Answer['outcome'][] = ['failed', 'refused', 'good']

/** By the conventions a server's span is no error with 4xx, and a client's is: the code says which it was. */
function outcomeOf(kind: 'http' | 'grpc' | undefined, code = '', isError: boolean): Answer['outcome'] {
  const number = Number(code)
  if (kind === 'http' && number >= 400 && number < 500) return 'refused'
  if (kind === 'http' && number >= 500) return 'failed'
  if (kind === 'grpc' && number > 0) return GRPC_REFUSED.has(number) ? 'refused' : 'failed'
  return isError ? 'failed' : 'good'
}

/** By number. */
const GRPC = [
  'ok',
  'cancelled',
  'unknown',
  'invalid argument',
  'deadline exceeded',
  'not found',
  'already exists',
  'permission denied',
  'resource exhausted',
  'failed precondition',
  'aborted',
  'out of range',
  'unimplemented',
  'internal',
  'unavailable',
  'data loss',
  'unauthenticated',
]
/** The caller's doing. */
const GRPC_REFUSED: ReadonlySet<number> = new Set([1, 3, 5, 6, 7, 9, 11, 16])

function wordsOf(kind: 'http' | 'grpc', code: string): string {
  return kind === 'http' ? code : `gRPC ${code} ${GRPC[Number(code)] ?? ''}`.trim()
}
