import { useIsFetching } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactElement, type ReactNode, useEffect } from 'react'
import { TopBar } from './top-bar.tsx'

export interface Crumb {
  readonly name: string
  /** Absent for the page itself. */
  readonly to?: string
}

/** A page: where one is, scope and time above, the sheet below. */
export function Page(props: {
  readonly crumbs: readonly Crumb[]
  readonly children: ReactNode
  readonly busy?: boolean
}): ReactElement {
  const title = props.crumbs.at(-1)?.name ?? ''
  const isAsking = useIsFetching() > 0
  useEffect(() => {
    document.title = `${title} · Fleetglass`
  }, [title])
  return (
    <>
      <TopBar busy={props.busy ?? isAsking}>
        <h1 className="crumbs">
          {props.crumbs.map(({ name, to }) =>
            to === undefined ? (
              <span key={name} className="crumb" title={name}>
                {name}
              </span>
            ) : (
              <span key={name} className="crumb-above">
                <Link to={to}>{name}</Link>
                <span className="crumb-separator" aria-hidden="true">
                  /
                </span>
              </span>
            ),
          )}
        </h1>
      </TopBar>
      <main id="main" className="sheet" aria-label={title} tabIndex={-1}>
        {props.children}
      </main>
    </>
  )
}
