import { z } from 'zod'
import type { Entry, EntryRequest, Outcome, Undelivered } from '../../../pipeline/destination/index.ts'

const resultSchema = z.looseObject({
  status: z.int(),
  error: z.looseObject({ type: z.string() }).optional(),
})

const answerSchema = z.looseObject({
  items: z.array(z.record(z.string(), resultSchema).transform((item) => Object.values(item)[0])),
})

type Result = z.output<typeof resultSchema>
type Request = EntryRequest

/** How long to wait before what was rejected for lack of room is sent again. */
const PAUSE_MS = 1_000

/**
 * What the results of a bulk request mean, which come in the order of the documents whatever the HTTP status was. That a
 * document is there already is success: it was sent before, and the answer was lost.
 */
export function readBulkAnswer(request: Request, body: Buffer): Outcome<Request> {
  const results = parseResults(body)
  if (results?.length !== request.entries.length) {
    // Since documents have ids, sending them again does no harm.
    return { t: 'retry', detail: 'the answer does not tell the result of each document' }
  }
  const again: Entry[] = []
  const undelivered: Undelivered[] = []
  let forbidden = 0
  request.entries.forEach((entry, i) => {
    const result = results[i]
    const verdict = judge(result)
    if (verdict === 'later' || verdict === 'settings') again.push(entry)
    if (verdict === 'settings') forbidden += 1
    if (verdict === 'refused') undelivered.push({ reason: reasonOf(result), items: entry.items, content: entry.bytes })
  })
  const rest = request.with(again)
  if (rest === undefined) return { t: 'delivered', ...(undelivered.length === 0 ? {} : { undelivered }) }
  if (again.length < request.entries.length) return { t: 'partly', rest, undelivered, afterMs: PAUSE_MS }
  return forbidden === again.length
    ? { t: 'misconfigured', detail: 'we may not write to the data streams' }
    : { t: 'retry', detail: 'Elasticsearch has no room for any of the documents now' }
}

function parseResults(body: Buffer): readonly (Result | undefined)[] | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(body.toString('utf8'))).data?.items
  } catch {
    // Not JSON: half an answer, or a proxy's.
    return undefined
  }
}

function judge(result: Result | undefined): 'done' | 'later' | 'settings' | 'refused' {
  const status = result?.status ?? 0
  if ((status >= 200 && status < 300) || status === 409) return 'done'
  if (status === 429 || status >= 500 || status === 0) return 'later'
  return status === 401 || status === 403 ? 'settings' : 'refused'
}

/** Elasticsearch's names of errors are words; anything else is not repeated. */
function reasonOf(result: Result | undefined): string {
  const type = result?.error?.type ?? ''
  return /^[a-z_]{1,60}$/.test(type) ? type : `status_${String(result?.status ?? 0)}`
}
