import { type ReactElement, useMemo } from 'react'
import type { ClusterSnapshot } from '../../data/fleet-client.ts'
import { isInScope } from '../../data/view-state.ts'
import { guessUnit, isUnit } from '../../format/units.ts'
import { Empty } from '../../parts/states.tsx'
import { compareSides, groupRows, IDENTITY, type Side } from './compare.ts'
import { CompareCharts } from './compare-charts.tsx'
import { DriftTable, nameOf } from './drift-table.tsx'
import { DriftToolbar } from './drift-toolbar.tsx'
import { isIgnored, labelsIn, readList } from './ignore.ts'
import { IgnoreFoot } from './ignore-editor.tsx'
import { OperationsPanel } from './operations-panel.tsx'
import type { CompareSearch } from './search.ts'
import { useVersions } from './use-sides.ts'
import type { Comparison } from './use-comparison.ts'
import type { Running } from './versions.ts'

/** From which distance on values are far apart, when the address does not say. */
const FAR_PERCENT = '20'

/** The answers: one series on every side, its operations, and the drift of all series and of versions. */
export function CompareSheet(props: {
  readonly search: CompareSearch
  readonly sides: readonly Side[]
  readonly clusters: readonly ClusterSnapshot[]
  readonly comparison: Comparison
  readonly onChange: (changes: Partial<CompareSearch>) => void
}): ReactElement {
  const { search, sides, clusters, comparison, onChange } = props
  const { answers } = comparison
  const show = search.show ?? 'all'
  const find = search.find ?? ''
  const all = useMemo(
    () =>
      answers === undefined || answers.length !== sides.length
        ? []
        : compareSides(answers, {
            ignore: readList(search.ignore),
            join: search.join ?? 'mean',
            farFrom: Number(search.far ?? FAR_PERCENT) / 100,
          }),
    [answers, sides.length, search.ignore, search.join, search.far],
  )
  const labels = useMemo(() => labelsIn(answers ?? [], IDENTITY), [answers])
  const skipped = useMemo(() => readList(search.skip), [search.skip])
  const rows = useMemo(() => all.filter((row) => !isIgnored(nameOf(row), skipped)), [all, skipped])
  const groups = useMemo(
    () => (show === 'versions' ? [] : groupRows(rows, sides, { show, find, byName: search.sort === 'name' })),
    [rows, sides, show, find, search.sort],
  )
  const edges = useMemo(() => sides.map((side) => edgesOf(side, clusters)), [sides, clusters])
  const versions = useVersions(sides, edges)
  const versionRows = useMemo(
    () =>
      (versions.rows ?? []).filter(
        ({ name, state }) =>
          state !== 'same' && !isIgnored(name, skipped) && name.toLowerCase().includes(find.toLowerCase()),
      ),
    [versions.rows, skipped, find],
  )
  const unit = search.unit !== undefined && isUnit(search.unit) ? search.unit : guessUnit(search.q ?? '')
  // Something to look at from the start: what is on all sides and farthest apart.
  const first = rows.toSorted((a, b) => b.apart - a.apart).find(({ kind }) => kind !== 'missing') ?? rows[0] ?? all[0]
  const row = rows.find(({ key }) => key === search.key) ?? first
  if (row === undefined)
    return (
      <Empty title="No side has such series">
        The query gives nothing on {sides.map(({ name }) => name).join(' or ')} in this range.
      </Empty>
    )
  const shownVersions = show === 'all' || show === 'versions' ? versionRows : []
  return (
    <div className={comparison.isOld ? 'side results-old' : 'side'}>
      <div className="compare-main">
        <CompareCharts
          row={row}
          grid={comparison.grid}
          sides={sides}
          clusters={clusters}
          unit={unit}
          diff={search.diff ?? 'absolute'}
        />
        <OperationsPanel sides={sides} service={row.labels['service'] ?? row.labels['service_name']} />
      </div>
      <aside className={`drift drift-${sides.length}`} aria-label="Drift">
        <DriftToolbar search={search} rows={rows} versions={versionRows.length} unit={unit} onChange={onChange} />
        {versions.error === null ? null : (
          <p className="panel-none status-silent">Versions are not known: {versions.error.message}</p>
        )}
        {groups.length + shownVersions.length === 0 ? (
          <Empty title="Nothing to show">
            {show === 'versions'
              ? 'What runs on the sides and says its version runs in the same one everywhere.'
              : find === ''
                ? 'No series is of this kind.'
                : 'No series has these words in its labels.'}
          </Empty>
        ) : (
          <DriftTable
            groups={groups}
            versions={shownVersions}
            sides={sides}
            unit={unit}
            chosen={row.key}
            onChoose={(key) => onChange({ key })}
          />
        )}
        <IgnoreFoot search={search} labels={labels} rows={all} chosen={row} onChange={onChange} />
      </aside>
    </div>
  )
}

/** The hub's own edges of a side; they say their version with each report. */
function edgesOf(side: Side, clusters: readonly ClusterSnapshot[]): readonly Running[] {
  return clusters
    .filter((cluster) => isInScope(side.scope, cluster))
    .flatMap(({ edges }) => edges.map(({ version }): Running => ({ kind: 'edge', name: 'fleetglass edge', version })))
}
