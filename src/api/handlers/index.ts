export type { HandlerContext, Sources } from './handler.ts'
export { serveQueries, type ServeOptions } from './serve-queries.ts'
export { createInlineRunner } from './inline-runner.ts'
