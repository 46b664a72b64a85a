import type { MessagePort } from 'node:worker_threads'
import { AppError, type Clock, IdleCollector, type Logger } from '../../core/index.ts'
import type { PromqlFeatures, ResultsCache } from '../../query/index.ts'
import type { FromWorker, ToWorker } from '../runner-protocol.ts'
import type { Sources } from './handler.ts'
import { handleRequest } from './handle-request.ts'

export interface ServeOptions {
  readonly sources: Sources
  readonly clock: Clock
  readonly features: PromqlFeatures
  readonly cache?: ResultsCache
  readonly log: Logger
  /** Called when the other side says stop, after which nothing comes any more. */
  readonly onStop: () => Promise<void>
}

/** The loop of a query worker: answers requests from the port until told to stop. */
export function serveQueries(port: MessagePort, { sources, features, cache, clock, log, onStop }: ServeOptions): void {
  const running = new Map<number, AbortController>()
  const collector = new IdleCollector()

  const answer = async ({ id, request, scope }: Extract<ToWorker, { type: 'request' }>): Promise<void> => {
    const controller = new AbortController()
    running.set(id, controller)
    collector.works()
    const kept = cache === undefined ? {} : { cache }
    const context = { scope, sources, features, ...kept, clock, signal: controller.signal }
    const response = await handleRequest(request, context, (error) => {
      log.error({ route: request.route, err: error }, 'query failed')
    })
    running.delete(id)
    const message: FromWorker = {
      type: 'response',
      id,
      response,
      ...(cache === undefined ? {} : { cache: cache.counts }),
    }
    port.postMessage(message, [response.body.buffer])
    if (running.size === 0) collector.rests()
  }

  port.on('message', (message: ToWorker) => {
    switch (message.type) {
      case 'request':
        void answer(message)
        return
      case 'cancel':
        running.get(message.id)?.abort(new AppError('cancelled', 'the query was cancelled'))
        return
      case 'stop':
        for (const controller of running.values()) controller.abort(new AppError('cancelled', 'the server stops'))
        void onStop().finally(() => {
          port.close()
        })
    }
  })
}
