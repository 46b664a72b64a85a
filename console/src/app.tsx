import type { ReactElement } from 'react'
import { FleetPage } from './pages/fleet/fleet-page.tsx'
import { HatchPattern } from './parts/hatch.tsx'
import { Rail } from './parts/rail.tsx'

export function App(): ReactElement {
  return (
    <div className="app">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <HatchPattern />
      <Rail />
      <FleetPage />
    </div>
  )
}
