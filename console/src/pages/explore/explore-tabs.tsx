import { Link } from '@tanstack/react-router'
import type { ReactElement, ReactNode } from 'react'
import { Icon } from '../../parts/icon.tsx'
import '../../styles/explore.css'

/** The three signals, and the actions of the one that is shown. */
export function ExploreTabs({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <div className="toolbar">
      <nav className="tabs" aria-label="Signals">
        <Link to="/explore/metrics">
          <Icon name="metrics" /> Metrics
        </Link>
        <Link to="/explore/logs">
          <Icon name="logs" /> Logs
        </Link>
        <Link to="/explore/traces">
          <Icon name="traces" /> Traces
        </Link>
      </nav>
      <span className="grow" />
      {children}
    </div>
  )
}
