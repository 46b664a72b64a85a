import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { edgeTraces } from '../../data/services/links.ts'
import type { ServiceNode } from '../../data/services/graph.ts'
import { queryTraceMetrics } from '../../data/tempo/client.ts'
import { useView } from '../../data/view.tsx'
import { showControls } from '../../format/log-body.ts'
import { toCount, toPercent, toText } from '../../format/quantity.ts'
import { ErrorMark } from '../../parts/icon.tsx'
import { type Answer, answersQuery, readAnswers } from './answers.ts'

const SHOWN = 8

/** How requests of an edge were answered, by status code; each leads to the traces with that answer. */
export function AnswersPanel({ from, to }: { readonly from: ServiceNode; readonly to: ServiceNode }): ReactElement {
  const { interval, tenant } = useView()
  const query = answersQuery(edgeTraces(from, to, ''))
  const within = {
    fromMs: Math.floor(interval.fromMs / 15_000) * 15_000,
    toMs: Math.ceil(interval.toMs / 15_000) * 15_000,
  }
  const counted = useQuery({
    queryKey: ['tempo', 'metrics', query, within, tenant],
    queryFn: ({ signal }) => queryTraceMetrics(query, within, { signal, tenant }),
  })
  const answers = counted.data === undefined ? undefined : readAnswers(counted.data)
  const most = Math.max(0, ...(answers ?? []).map(({ share }) => share))
  return (
    <section aria-label="Answers">
      <header className="panel-head">
        <h3>Answers</h3>
        <span className="text-3">by status code, of the spans that are kept</span>
      </header>
      {counted.isError ? <p className="panel-none status-silent">{counted.error.message}</p> : null}
      {answers?.length === 0 ? <p className="panel-none">No span of it is stored in this range.</p> : null}
      <ul className="answers">
        {counted.isPending ? <li className="panel-none">loading answers</li> : null}
        {(answers ?? []).slice(0, SHOWN).map((answer) => (
          <AnswerRow key={answer.words} answer={answer} most={most} from={from} to={to} />
        ))}
      </ul>
    </section>
  )
}

function AnswerRow(props: {
  readonly answer: Answer
  readonly most: number
  readonly from: ServiceNode
  readonly to: ServiceNode
}): ReactElement {
  const { answer, most } = props
  const { words, share, count, outcome, condition } = answer
  const face = (
    <>
      <span className="mono-text cut">{showControls(words)}</span>
      <span className="answer-mark">{outcome === 'failed' ? <ErrorMark /> : null}</span>
      <i>
        <b className={`answer-${outcome}`} style={{ width: `${Math.max(1, (share / most) * 100)}%` }} />
      </i>
      <span className="number">{toText(toPercent(share))}</span>
    </>
  )
  return (
    <li data-answer={words}>
      {condition === undefined ? (
        <span className="answer" title={`${toCount(count)} spans`}>
          {face}
        </span>
      ) : (
        <Link
          className="answer"
          to="/explore/traces"
          search={{ q: edgeTraces(props.from, props.to, condition) }}
          title={`${toCount(count)} spans; open their traces`}
        >
          {face}
        </Link>
      )}
    </li>
  )
}
