import type { LogEntry } from '../../data/loki/entry.ts'
import type { Caller, Exemplar } from '../../data/prometheus/client.ts'
import type { Grid, Series } from '../../data/prometheus/matrix.ts'
import type { TraceSummary } from '../../data/tempo/client.ts'
import type { Interval } from '../../data/time-range.ts'
import { evaluate } from '../../grafana/expression/index.ts'
import type { Frame } from '../../grafana/frame.ts'
import { textAt } from '../../grafana/json.ts'
import { tracesFrame } from '../../grafana/log-frames.ts'
import { transform } from '../../grafana/transform/index.ts'
import { type Answer, answer } from './panel-answer.ts'
import type { PanelQuestion } from './panel-question.ts'
import type { ServiceCall } from './service-calls.ts'

/** What a panel has to show. */
export interface PanelData {
  readonly frames: readonly Frame[]
  readonly logs: readonly LogEntry[]
  readonly traces: readonly TraceSummary[]
  /** As it came, for heat maps. */
  readonly series: readonly Series[]
  /** Examples behind the series; `query` is the one that they belong to. */
  readonly exemplars: readonly PanelExemplar[]
  readonly grid: Grid
  /** Of the panel, which may look at another time than its page. */
  readonly interval: Interval
  readonly services: readonly ServiceCall[]
  /** Answers as they came, by query, for those who look into them. */
  readonly raw: Readonly<Record<string, unknown>>
  readonly warnings: readonly string[]
  /** What this console does not have: data sources and transformations, by name. */
  readonly unknown: readonly string[]
}

export interface PanelExemplar extends Exemplar {
  readonly query: string
}

/** Asks everything that the panel asks, side by side. What fails is a warning as long as something is answered. */
export async function fetchPanel(question: PanelQuestion, caller: Caller): Promise<PanelData> {
  const { questions, grid, interval, transformations } = question
  const isOnly = questions.length === 1
  const settled = await Promise.allSettled(questions.map((one) => answer(one, { grid, interval, caller, isOnly })))
  const { answers, failures } = sort(settled, question, caller)
  const traces = answers.flatMap((one) => one.traces ?? [])
  const answered = withExpressions(
    answers.flatMap((one) => one.frames ?? []),
    question,
  )
  // Transformations work on tables.
  const isTable = traces.length > 0 && answered.frames.length === 0 && transformations.length > 0
  const { frames, unknown } = transform(
    isTable
      ? [tracesFrame(traces, questions[0]?.refId ?? 'A')]
      : answered.frames.filter(({ refId }) => !question.hidden.includes(refId)),
    transformations,
  )
  return {
    frames,
    grid,
    interval,
    services: answers.flatMap((one) => one.services ?? []),
    raw: Object.fromEntries(questions.map(({ refId }, at) => [refId, answers[at]?.raw])),
    logs: answers.flatMap((one) => one.logs ?? []),
    traces,
    series: answers.flatMap((one, at) =>
      question.hidden.includes(questions[at]?.refId ?? '') ? [] : (one.series ?? []),
    ),
    exemplars: answers.flatMap((one, at) =>
      (one.exemplars ?? []).map((exemplar) => ({ ...exemplar, query: questions[at]?.query ?? '' })),
    ),
    warnings: [...new Set([...failures, ...answers.flatMap((one) => one.warnings ?? []), ...answered.warnings])],
    unknown: [...question.unknown, ...unknown.map((id) => `transformation ${id}`)],
  }
}

/** Throws what failed where nothing was answered, or nobody waits any more. */
function sort(
  settled: readonly PromiseSettledResult<Answer>[],
  { questions }: PanelQuestion,
  { signal }: Caller,
): { readonly answers: readonly Answer[]; readonly failures: readonly string[] } {
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed !== undefined && (signal.aborted || settled.every(({ status }) => status === 'rejected'))) {
    const reason: unknown = failed.reason
    throw reason instanceof Error ? reason : new Error(String(reason))
  }
  const failures = settled.flatMap((one, at) =>
    one.status === 'rejected' ? [`Query ${questions[at]?.refId ?? ''} failed: ${wordsOf(one.reason)}`] : [],
  )
  return { answers: settled.map((one) => (one.status === 'fulfilled' ? one.value : {})), failures }
}

function withExpressions(
  frames: readonly Frame[],
  { expressions, questions }: PanelQuestion,
): { readonly frames: readonly Frame[]; readonly warnings: readonly string[] } {
  let all = frames
  const warnings: string[] = []
  const asked = questions.map(({ refId }) => refId)
  for (const target of expressions) {
    const name = `The expression ${textAt(target, 'refId') ?? ''}`
    try {
      const made = evaluate(target, all, asked)
      asked.push(textAt(target, 'refId') ?? '')
      if (made === undefined)
        warnings.push(`${name} is of the kind ${textAt(target, 'type') ?? ''}, which this console does not have.`)
      else all = [...all, ...made]
    } catch (reason) {
      warnings.push(`${name} cannot be worked out: ${wordsOf(reason)}`)
    }
  }
  return { frames: all, warnings }
}

function wordsOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
