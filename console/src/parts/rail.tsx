import type { ReactElement, ReactNode } from 'react'
import { useTheme } from '../data/theme.ts'

/** Navigation. It lists the pages that exist. */
export function Rail(): ReactElement {
  const { theme, toggle } = useTheme()
  return (
    <nav className="rail" aria-label="Main">
      <a className="brand" href="/" aria-label="Fleetglass">
        <svg width="24" height="24" viewBox="0 0 24 24" fill="none" aria-hidden="true">
          <circle cx="12" cy="12" r="9.6" stroke="currentColor" strokeWidth="1.8" />
          <path d="M12 5.4l2.4 3.8h-4.8zM7.6 12.4l2.4 3.8H5.2zM16.4 12.4l2.4 3.8H14z" fill="var(--accent)" />
        </svg>
      </a>
      <a className="rail-item" href="/" aria-current="page">
        <Icon>
          <circle cx="8" cy="8" r="6.2" />
          <path d="M8 4.2v0M5 9.4v0M11 9.4v0" strokeWidth="2.6" />
        </Icon>
        Fleet
      </a>
      <span className="rail-end" />
      <button
        type="button"
        className="rail-item"
        onClick={toggle}
        title={theme === 'dark' ? 'Light theme' : 'Dark theme'}
      >
        <Icon>
          <circle cx="8" cy="8" r="5.4" />
          <path d="M8 2.6a5.4 5.4 0 0 1 0 10.8z" fill="currentColor" />
        </Icon>
        Theme
      </button>
    </nav>
  )
}

function Icon({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <svg
      width="18"
      height="18"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}
