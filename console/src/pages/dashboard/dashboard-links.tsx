import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { fetchDashboards } from '../../data/dashboards-client.ts'
import { useView } from '../../data/view.tsx'
import type { Dashboard } from '../../grafana/dashboard.ts'
import { flagAt, type Json, objectsAt, textAt, textsAt } from '../../grafana/json.ts'
import { allVariables, fillUrl } from '../../grafana/links.ts'
import { interpolate, textDialect, type Variable } from '../../grafana/variables/interpolate.ts'
import { Popover } from '../../parts/popover.tsx'

/** The dashboard's own links: addresses, and lists of dashboards by tag. */
export function DashboardLinks(props: {
  readonly dashboard: Dashboard
  readonly variables: ReadonlyMap<string, Variable>
}): ReactElement | null {
  const links = objectsAt(props.dashboard.json, 'links')
  if (links.length === 0) return null
  return (
    <>
      {links.map((link, at) =>
        link['type'] === 'dashboards' ? (
          <ByTag key={at} link={link} uid={props.dashboard.uid} variables={props.variables} />
        ) : (
          <Address key={at} link={link} variables={props.variables} />
        ),
      )}
    </>
  )
}

function Address({
  link,
  variables,
}: {
  readonly link: Json
  readonly variables: ReadonlyMap<string, Variable>
}): ReactElement | null {
  const { interval, range } = useView()
  const place = { variables, ...interval, ...range }
  const base = textAt(link, 'url') ?? ''
  const more = [
    flagAt(link, 'includeVars') === true ? allVariables(variables) : '',
    flagAt(link, 'keepTime') === true
      ? `from=${encodeURIComponent(range.from)}&to=${encodeURIComponent(range.to)}`
      : '',
  ].filter((part) => part !== '')
  const whole = more.length === 0 ? base : `${base}${base.includes('?') ? '&' : '?'}${more.join('&')}`
  const url = base === '' ? undefined : fillUrl(whole, place)
  if (url === undefined) return null
  return (
    <a
      className="button button-ghost"
      href={url}
      {...(url.startsWith('http') ? { target: '_blank', rel: 'noreferrer noopener' } : {})}
    >
      {interpolate(textAt(link, 'title') ?? url, variables, textDialect)}
    </a>
  )
}

function ByTag(props: {
  readonly link: Json
  readonly uid: string
  readonly variables: ReadonlyMap<string, Variable>
}): ReactElement | null {
  const tags = textsAt(props.link, 'tags')
  const { range } = useView()
  const { data = [] } = useQuery({
    queryKey: ['dashboards'],
    queryFn: ({ signal }) => fetchDashboards(signal),
    select: ({ dashboards }) => dashboards,
    staleTime: 60_000,
  })
  const others = data.filter(({ uid, tags: own }) => uid !== props.uid && tags.every((tag) => own.includes(tag)))
  if (others.length === 0) return null
  const search =
    flagAt(props.link, 'includeVars') === true
      ? Object.fromEntries([...props.variables.values()].map(({ name, values }) => [`var-${name}`, [...values]]))
      : {}
  const ends = flagAt(props.link, 'keepTime') === true ? range : {}
  const title = textAt(props.link, 'title') ?? ''
  return (
    <Popover
      label={title === '' ? 'Other dashboards' : title}
      className="button button-ghost"
      align="right"
      face={title === '' ? 'Other dashboards' : title}
    >
      {(close) => (
        <div className="menu">
          {others.map(({ uid, title: words }) => (
            <Link key={uid} to="/dashboards/$uid" params={{ uid }} search={{ ...search, ...ends }} onClick={close}>
              {words}
            </Link>
          ))}
        </div>
      )}
    </Popover>
  )
}
