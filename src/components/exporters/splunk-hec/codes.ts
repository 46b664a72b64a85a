import type { HttpAnswer } from '../../../pipeline/destination/index.ts'
import { z } from 'zod'

const answerSchema = z.looseObject({
  code: z.int(),
  ackId: z.int().min(0).optional(),
  'invalid-event-number': z.int().min(0).optional(),
})

/** What Splunk said, in its own words. */
export type HecAnswer = z.output<typeof answerSchema>

/** Undefined if the body is no answer of the Event Collector (a proxy's page, half an answer). */
export function readAnswer({ body }: Extract<HttpAnswer, { t: 'answer' }>): HecAnswer | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(body.toString('utf8'))).data
  } catch {
    // Not JSON.
    return undefined
  }
}

/**
 * What a code means for the request:
 * - `taken`; `taken-slow-down`: taken, but Splunk's queues are filling;
 * - `later`: nothing was wrong with it;
 * - `settings`: the token, the index or the address must be mended by somebody;
 * - `event`: one event is bad, and the answer may say which; those before it were taken;
 * - `fields`: the fields of an event cannot be indexed;
 * - `index`: the index is not one of the token's;
 * - `no-ack`: the token knows no acknowledgement.
 */
export type CodeMeaning = 'taken' | 'taken-slow-down' | 'later' | 'settings' | 'event' | 'fields' | 'index' | 'no-ack'

interface HecCode {
  readonly means: CodeMeaning
  /** Splunk's text. */
  readonly text: string
}

/** By number, 0 to 27. */
export const HEC_CODES: readonly HecCode[] = [
  { means: 'taken', text: 'Success' },
  { means: 'settings', text: 'Token disabled' },
  { means: 'settings', text: 'Token is required' },
  { means: 'settings', text: 'Invalid authorization' },
  { means: 'settings', text: 'Invalid token' },
  { means: 'event', text: 'No data' },
  { means: 'event', text: 'Invalid data format' },
  { means: 'index', text: 'Incorrect index' },
  { means: 'later', text: 'Internal server error' },
  { means: 'later', text: 'Server is busy' },
  { means: 'settings', text: 'Data channel is missing' },
  { means: 'settings', text: 'Invalid data channel' },
  { means: 'event', text: 'Event field is required' },
  { means: 'event', text: 'Event field cannot be blank' },
  { means: 'no-ack', text: 'ACK is disabled' },
  { means: 'fields', text: 'Error in handling indexed fields' },
  { means: 'settings', text: 'Query string authorization is not enabled' },
  { means: 'taken', text: 'HEC is healthy' },
  { means: 'later', text: 'HEC is unhealthy, queues are full' },
  { means: 'later', text: 'HEC is unhealthy, ack service unavailable' },
  { means: 'later', text: 'HEC is unhealthy, queues are full, ack service unavailable' },
  { means: 'settings', text: 'Invalid token' },
  { means: 'settings', text: 'Token disabled' },
  { means: 'later', text: 'Server is shutting down' },
  { means: 'taken-slow-down', text: 'Queue is approaching capacity' },
  { means: 'taken-slow-down', text: 'ACK channel is approaching capacity' },
  { means: 'later', text: 'Queue is at capacity' },
  { means: 'later', text: 'ACK channel is at capacity' },
]
