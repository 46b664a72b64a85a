import type { LineColumns, NsRange } from '../../log-source.ts'
import type { LogRange, RangeOperation, Stage } from '../ast.ts'
import { compileStages } from '../pipeline/compile.ts'
import { type BaseLabels, baseLabels, LabelSet } from '../pipeline/label-set.ts'
import type { LineState, StageFunction } from '../pipeline/stage.ts'
import { conditionOf } from './condition.ts'
import { needsOf, type SeriesLabels } from './needs.ts'
import type { MetricContext } from './options.ts'
import { type SampleSeries, SeriesTable } from './sample-series.ts'
import { compileUnwrap } from './unwrap.ts'

/** Lines between two looks at the clock. */
const LINES_OF_TURN = 1_000

/** Reads the lines of a range once and makes samples of them; times count from the range's start. */
export async function readSamples(
  { selector, unwrap }: LogRange,
  operation: RangeOperation,
  series: SeriesLabels,
  range: NsRange,
  context: MetricContext,
): Promise<Iterable<SampleSeries>> {
  const { source, scope, signal, pacer, budget } = context
  const { stages, matchers } = selector
  const { condition, covered } = conditionOf(stages)
  const needs = needsOf(stages, unwrap, series)
  const run = compileStages(stages, needs)
  const rest = compileStages(
    stages.filter((_, i) => covered[i] !== true),
    needs,
  )
  const measuresBytes = operation === 'bytes_over_time' || operation === 'bytes_rate'
  const valueOf = unwrap === undefined ? undefined : compileUnwrap(unwrap)
  const columns = columnsOf(stages, covered, needs.names, measuresBytes)
  const table = new SeriesTable(series)
  const bases = new Map<object, BaseLabels>()
  const state: LineState = { line: '', timeNs: 0n, labels: new LabelSet() }
  const request = { matchers, range, condition, columns, direction: 'forward' } as const
  for await (const block of source.select(scope, request, signal)) {
    budget.takeLines(block.rows)
    const pass: StageFunction = block.exact === true ? rest : run
    for (let row = 0; row < block.rows; row++) {
      if (row % LINES_OF_TURN === 0 && pacer.due()) await pacer.pause()
      const stream = block.stream(row)
      let base = bases.get(stream)
      if (base === undefined) bases.set(stream, (base = baseLabels(stream.labels)))
      const timeNs = block.timesNs[row] ?? 0n
      const line = columns.line === 'text' ? block.line(row) : ''
      budget.bytes += line.length
      state.labels.reset(base, block.metadata(row))
      state.line = line
      state.timeNs = timeNs
      if (!pass(state)) continue
      const value = valueOf === undefined ? 1 : valueOf(state)
      if (value === undefined) continue
      const measured = measuresBytes
        ? columns.line !== 'text' || state.line === line
          ? block.bytes(row)
          : Buffer.byteLength(state.line)
        : value
      budget.takeSamples(1)
      table.of(state.labels).add(Number(timeNs - range.startNs), measured)
    }
  }
  return table.all()
}

/** The text is spared where only labels count, and metadata where nobody looks at them. */
function columnsOf(
  stages: readonly Stage[],
  covered: readonly boolean[],
  names: ReadonlySet<string> | undefined,
  measuresBytes: boolean,
): LineColumns {
  const readsText = stages.some(({ kind }, i) => kind !== 'label-filter' || covered[i] !== true)
  const line = readsText ? 'text' : measuresBytes ? 'bytes' : 'none'
  // Names of metadata decide what fields are called, so with parsers all of them are read that may be asked for.
  return { line, metadata: names === undefined ? 'all' : [...new Set([...names].flatMap(withoutSuffix))] }
}

function withoutSuffix(name: string): readonly string[] {
  return name.endsWith('_extracted') ? [name, name.slice(0, -'_extracted'.length)] : [name]
}
