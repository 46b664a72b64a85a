import { createSecrets } from '../secrets.ts'
import type { Batch } from '../../../model/index.ts'
import { type Clock, silentLogger, systemClock } from '../../../core/index.ts'
import type { DestinationProtocol, DestinationRequest, Outcome, Undelivered } from '../protocol.ts'
import type { ProtocolParts } from '../parts.ts'

/** The parts of a protocol under test. Secrets are looked up in `env`. */
export function testParts(env: Readonly<Record<string, string>> = {}, clock: Clock = systemClock): ProtocolParts {
  return { secrets: createSecrets(env), userAgent: 'Fleetglass/test', clock, log: silentLogger() }
}

/** A clock that a test turns; sleeping takes no time. */
export class TurnedClock implements Clock {
  nowMs: number
  readonly slept: number[] = []

  constructor(nowMs: number) {
    this.nowMs = nowMs
  }

  now(): number {
    return this.nowMs
  }

  sleep(ms: number): Promise<void> {
    this.slept.push(ms)
    this.nowMs += ms
    return new Promise((resolve) => setImmediate(resolve))
  }
}

export interface Delivered {
  readonly delivered: number
  readonly undelivered: Readonly<Record<string, number>>
  readonly putAside: readonly Uint8Array[]
}

/**
 * Encodes and sends as the machinery does, without its patience: what is refused is cut until it can not be cut, a
 * retry comes at once, and misconfiguration fails the test.
 */
export async function deliver<R extends DestinationRequest>(
  protocol: DestinationProtocol<R>,
  batches: readonly Batch[],
  nowMs = Date.now(),
): Promise<Delivered> {
  const encoded = protocol.encode(batches, nowMs)
  const books = new Books()
  books.count(encoded.undelivered)
  for (const request of encoded.requests) await deliverRequest(protocol, request, books)
  return books
}

class Books implements Delivered {
  delivered = 0
  readonly undelivered: Record<string, number> = {}
  readonly putAside: Uint8Array[] = []

  count(all: readonly Undelivered[] = []): number {
    for (const { reason, items, content } of all) {
      this.undelivered[reason] = (this.undelivered[reason] ?? 0) + items
      if (content !== undefined) this.putAside.push(content)
    }
    return all.reduce((sum, { items }) => sum + items, 0)
  }
}

const MAX_TRIES = 100

async function deliverRequest(protocol: DestinationProtocol, request: DestinationRequest, books: Books): Promise<void> {
  let rest: DestinationRequest = request
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const outcome: Outcome = await protocol.send(rest, new AbortController().signal)
    switch (outcome.t) {
      case 'delivered':
        books.delivered += rest.items - books.count(outcome.undelivered)
        return
      case 'partly':
        books.delivered += rest.items - outcome.rest.items - books.count(outcome.undelivered)
        rest = outcome.rest
        break
      case 'retry':
        break
      case 'misconfigured':
        throw new Error(`misconfigured: ${outcome.detail}`)
      case 'refused':
      case 'too-large': {
        const halves = rest.split()
        if (halves === undefined) {
          const reason = outcome.t === 'refused' ? outcome.reason : 'too_large'
          books.count([{ reason, items: rest.items, content: rest.content?.() ?? new Uint8Array() }])
          return
        }
        await deliverRequest(protocol, halves[0], books)
        await deliverRequest(protocol, halves[1], books)
        return
      }
    }
  }
  throw new Error('it is never delivered')
}

/** Checks that cutting a request to its smallest parts loses and doubles nothing. Returns the parts. */
export function cutToParts(request: DestinationRequest): readonly DestinationRequest[] {
  const halves = request.split()
  if (halves === undefined) return [request]
  const [left, right] = halves
  if (left.items + right.items !== request.items || left.items < 1 || right.items < 1) {
    throw new Error(`${String(request.items)} items were cut into ${String(left.items)} and ${String(right.items)}`)
  }
  return [...cutToParts(left), ...cutToParts(right)]
}
