import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { fetchDashboards } from '../../../data/dashboards-client.ts'
import type { Panel } from '../../../grafana/dashboard.ts'
import { flagAt, numberAt, objectAt, textAt, textsAt } from '../../../grafana/json.ts'
import { interpolate, textDialect, type Variable } from '../../../grafana/variables/interpolate.ts'
import { Empty } from '../../../parts/states.tsx'

/** Dashboards of this hub by tags and words. What somebody starred or opened last is not kept here: those list all. */
export function DashboardsBody(props: {
  readonly panel: Panel
  readonly variables: ReadonlyMap<string, Variable>
}): ReactElement {
  const { json } = props.panel
  // Old ones say it beside their title.
  const options = { ...json, ...objectAt(json, 'options') }
  const tags = textsAt(options, 'tags')
  const words = interpolate(textAt(options, 'query') ?? '', props.variables, textDialect).toLowerCase()
  const most = Math.min(100, Math.max(1, numberAt(options, 'maxItems') ?? numberAt(options, 'limit') ?? 10))
  const { data, isPending } = useQuery({
    queryKey: ['dashboards'],
    queryFn: ({ signal }) => fetchDashboards(signal),
    staleTime: 60_000,
  })
  const found = (data?.dashboards ?? []).filter(
    (one) => tags.every((tag) => one.tags.includes(tag)) && one.title.toLowerCase().includes(words),
  )
  if (found.length === 0)
    return isPending ? <p className="text-3">Loading</p> : <Empty title="No such dashboards here" />
  const search =
    flagAt(options, 'includeVars') === true
      ? Object.fromEntries([...props.variables.values()].map(({ name, values }) => [`var-${name}`, [...values]]))
      : {}
  return (
    <ul className="dashlist-body">
      {found.slice(0, most).map(({ uid, title }) => (
        <li key={uid}>
          <Link to="/dashboards/$uid" params={{ uid }} search={search}>
            {title}
          </Link>
        </li>
      ))}
      {found.length > most ? <li className="text-3">{found.length - most} more</li> : null}
    </ul>
  )
}
