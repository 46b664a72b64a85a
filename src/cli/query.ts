import { type Command, InvalidArgumentError } from 'commander'
import { parseDuration } from '../config/index.ts'
import { systemClock } from '../core/index.ts'
import { createHubClient, DEFAULT_HUB, type HubRequest } from './http.ts'
import { prometheusAnswerSchema } from './prometheus-answer.ts'
import { renderAnswer, type Steps } from './render-answer.ts'

interface QueryOptions {
  readonly hub: string
  readonly range?: number
  readonly step?: number
  readonly org?: string
  readonly json?: true
}

/** By default, as many steps as a line in the terminal has bars. */
const DEFAULT_STEPS = 60

/** `fleetglass query EXPR`: PromQL over all clusters, in the terminal. */
export function registerQuery(program: Command): void {
  program
    .command('query')
    .description('evaluate a PromQL expression over all clusters; with --range, one line of bars a series')
    .argument('<expr>', 'PromQL expression')
    .option('--hub <url>', 'address of the hub', DEFAULT_HUB)
    .option('--range <duration>', 'how far back to look, such as 1h', toMs)
    .option('--step <duration>', 'distance of the values of a range', toMs)
    .option('--org <tenants>', 'X-Scope-OrgID, such as dev or dev|stg')
    .option('--json', 'print the data as JSON')
    .action(async (expr: string, options: QueryOptions) => {
      const text = await query(expr, options, systemClock.now())
      process.stdout.write(`${text}\n`)
    })
}

async function query(expr: string, options: QueryOptions, nowMs: number): Promise<string> {
  const client = createHubClient(options.hub)
  const steps = options.range === undefined ? undefined : toSteps(options.range, options.step, nowMs)
  const { data, warnings, infos } = await client.get(
    steps === undefined ? '/prometheus/api/v1/query' : '/prometheus/api/v1/query_range',
    prometheusAnswerSchema,
    toRequest(expr, steps, options.org, nowMs),
  )
  for (const warning of [...warnings, ...infos]) process.stderr.write(`warning: ${warning}\n`)
  return options.json === true ? JSON.stringify(data, null, 2) : renderAnswer(data, steps)
}

function toRequest(expr: string, steps: Steps | undefined, org: string | undefined, nowMs: number): HubRequest {
  const when: Record<string, string> =
    steps === undefined
      ? { time: String(nowMs / 1_000) }
      : { start: String(steps.startS), end: String(steps.endS), step: String(steps.stepS) }
  return { query: { query: expr, ...when }, ...(org === undefined ? {} : { org }) }
}

/** Steps fall on multiples of themselves, so that the same question a moment later asks for the same points. */
function toSteps(rangeMs: number, stepMs: number | undefined, nowMs: number): Steps {
  const stepS = (stepMs ?? Math.max(1_000, Math.ceil(rangeMs / DEFAULT_STEPS / 1_000) * 1_000)) / 1_000
  const endS = Math.floor(nowMs / 1_000 / stepS) * stepS
  const count = Math.max(1, Math.floor(rangeMs / 1_000 / stepS))
  return { startS: endS - (count - 1) * stepS, endS, stepS }
}

function toMs(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('expected a duration such as 30s, 15m or 1h.')
  return ms
}
