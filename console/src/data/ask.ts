import './no-eval.ts'
import { z } from 'zod'
import { createTurns } from './turns.ts'

/**
 * Why a question has no answer. `query`: the question is wrong; `forbidden`: the caller may not; `busy`: the hub has too
 * much to do; `slow`: it took too long; `away`: no connection; `unknown`: an answer that this page does not know.
 */
export type FailureKind = 'query' | 'forbidden' | 'busy' | 'slow' | 'missing' | 'away' | 'hub' | 'unknown'

export class AskError extends Error {
  readonly kind: FailureKind
  readonly status: number | undefined
  /** Prometheus' error type, such as `bad_data`. */
  readonly errorType: string | undefined

  constructor(kind: FailureKind, message: string, status?: number, errorType?: string) {
    super(message)
    this.name = 'AskError'
    this.kind = kind
    this.status = status
    this.errorType = errorType
  }
}

export interface Question {
  readonly path: string
  readonly params?: Readonly<Record<string, string | number | readonly string[] | undefined>>
  readonly signal: AbortSignal
  /** `X-Scope-OrgID`: chooses among the tenants that the caller may read. */
  readonly tenant?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** In the body of a POST, when the parameters may be long. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** What is put. */
  readonly json?: unknown
}

export interface Reply {
  readonly body: unknown
  readonly elapsedMs: number
  readonly bytes: number
}

const TIMEOUT_MS = 65_000
/** A browser opens six connections to one host; live tail and the fleet's own question need one each. */
const takeTurn = createTurns(4)

/** Asks the hub, when it is this question's turn. Every failure is an AskError, but for `signal`'s own abort. */
export function ask(question: Question): Promise<Reply> {
  return takeTurn(() => askNow(question), question.signal)
}

async function askNow(question: Question): Promise<Reply> {
  const started = performance.now()
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const response = await fetch(...requestOf(question, AbortSignal.any([question.signal, timeout])))
    const text = await response.text()
    if (!response.ok) throw failureOf(response, text)
    return { body: parseJson(text), elapsedMs: performance.now() - started, bytes: text.length }
  } catch (reason) {
    if (question.signal.aborted || reason instanceof AskError) throw reason
    if (timeout.aborted) throw new AskError('slow', `The hub does not answer within ${TIMEOUT_MS / 1_000} s.`)
    throw new AskError('away', 'The hub does not answer.')
  }
}

function requestOf(question: Question, signal: AbortSignal): [string, RequestInit] {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(question.params ?? {})) {
    if (value === undefined) continue
    for (const one of typeof value === 'object' ? value : [value]) params.append(key, String(one))
  }
  const headers = {
    accept: 'application/json',
    ...(question.tenant === undefined ? {} : { 'x-scope-orgid': question.tenant }),
    ...question.headers,
  }
  if (question.method === 'POST') return [question.path, { method: 'POST', body: params, headers, signal }]
  const query = params.toString()
  if (question.json !== undefined) {
    const body = JSON.stringify(question.json)
    return [
      question.path,
      { method: question.method ?? 'PUT', body, headers: { ...headers, 'content-type': 'application/json' }, signal },
    ]
  }
  return [
    query === '' ? question.path : `${question.path}?${query}`,
    { method: question.method ?? 'GET', headers, signal },
  ]
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new AskError('unknown', 'The hub answers in a form that this page does not know: reload the page.')
  }
}

const errorBodySchema = z.object({
  error: z.union([z.string(), z.object({ message: z.string() })]).optional(),
  errorType: z.string().optional(),
  message: z.string().optional(),
})

/** The shapes of errors differ between the APIs: Prometheus' envelope, Loki's and Tempo's plain text, our own object. */
function failureOf(response: Response, text: string): AskError {
  const { status } = response
  const parsed = errorBodySchema.safeParse(tryJson(text))
  const body = parsed.success ? parsed.data : {}
  const said = typeof body.error === 'string' ? body.error : (body.error?.message ?? body.message ?? text.trim())
  const message = said === '' ? `The hub answers with status ${status}.` : said
  return new AskError(kindOf(status), message, status, body.errorType)
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function kindOf(status: number): FailureKind {
  if (status === 401 || status === 403) return 'forbidden'
  if (status === 404) return 'missing'
  if (status === 429) return 'busy'
  if (status === 503 || status === 504) return 'slow'
  return status < 500 ? 'query' : 'hub'
}

/** Checks an answer against its shape; an unknown one is a failure that says so. */
export function check<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new AskError('unknown', 'The hub answers in a form that this page does not know: reload the page.')
}
