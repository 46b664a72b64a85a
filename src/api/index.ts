export type { ApiRequest, ApiResponse } from './messages.ts'
export { createQueryRunner, type QueryRunnerOptions } from './query-worker-pool.ts'
export type { QueryRunner } from './runner.ts'
export { createHttpApi, type HttpApi, type HttpApiOptions } from './server.ts'
