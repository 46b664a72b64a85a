import { Link, useLocation } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTheme } from '../data/theme.ts'
import { Icon } from '../parts/icon.tsx'
import { PAGES } from './pages.ts'

/** Navigation. It lists the pages that exist; scope and time travel along. */
export function Rail({ onKeys }: { readonly onKeys: () => void }): ReactElement {
  const { theme, toggle } = useTheme()
  const { pathname } = useLocation()
  return (
    <nav className="rail" aria-label="Main">
      <Link className="brand" to="/" aria-label="Fleetglass">
        <svg width="24" height="24" viewBox="0 0 24 24" fill="none" aria-hidden="true">
          <circle cx="12" cy="12" r="9.6" stroke="currentColor" strokeWidth="1.8" />
          <path d="M12 5.4l2.4 3.8h-4.8zM7.6 12.4l2.4 3.8H5.2zM16.4 12.4l2.4 3.8H14z" fill="var(--accent)" />
        </svg>
      </Link>
      {PAGES.filter(({ inRail }) => inRail).map((page) => (
        <Link
          key={page.path}
          className="rail-item"
          to={page.path}
          aria-current={isWithin(pathname, page.path) ? 'page' : undefined}
        >
          <Icon name={page.icon} size={18} />
          {'railName' in page ? page.railName : page.name}
        </Link>
      ))}
      <span className="rail-end" />
      <button type="button" className="rail-item" onClick={onKeys} title="All keys (?)">
        <Icon name="keys" size={18} />
        Keys
      </button>
      <button
        type="button"
        className="rail-item"
        onClick={toggle}
        title={theme === 'dark' ? 'Light theme' : 'Dark theme'}
      >
        <Icon name="theme" size={18} />
        Theme
      </button>
    </nav>
  )
}

function isWithin(pathname: string, path: string): boolean {
  if (path === '/') return pathname === '/' || pathname.startsWith('/fleet')
  return pathname.startsWith(path.split('/').slice(0, 2).join('/'))
}
