import type { ReactElement, ReactNode } from 'react'
import { useIsFleetKnown } from '../data/fleet-client.ts'
import { useView } from '../data/view.tsx'
import { REFRESH_INTERVALS, type RefreshInterval } from '../data/view-state.ts'
import { zoneName } from '../format/zone.ts'
import { Select } from '../parts/controls.tsx'
import { Icon } from '../parts/icon.tsx'
import { useCommands } from './commands.ts'
import { ClusterPicker, EnvironmentPicker, TenantPicker } from './scope-picker.tsx'
import { TimePicker } from './time-picker.tsx'

/** The only place of scope and time. */
export function TopBar(props: { readonly busy: boolean; readonly children: ReactNode }): ReactElement {
  const view = useView()
  const { openPalette } = useCommands()
  const isKnown = useIsFleetKnown()
  return (
    <header className="top" aria-busy={props.busy}>
      {props.children}
      <span className="grow" />
      {/* How many there are to choose from decides how wide it is: nothing moves when that becomes known. */}
      <span className={isKnown ? 'joined' : 'joined not-yet'}>
        <TenantPicker />
        <EnvironmentPicker />
        <ClusterPicker />
      </span>
      <span className="joined">
        <TimePicker />
        <button
          type="button"
          className="button zone"
          title="Times in UTC or of this machine (U)"
          onClick={() => view.setZone(view.zone === 'utc' ? 'local' : 'utc')}
        >
          {zoneName(view.zone, view.nowMs)}
        </button>
      </span>
      <span className="joined">
        <button
          type="button"
          className="button button-icon"
          onClick={view.refreshNow}
          aria-label="Refresh"
          title="Refresh"
        >
          <Icon name="refresh" />
        </button>
        <Select
          label="Refresh every"
          value={view.refresh}
          onChange={(value) => {
            if (isInterval(value)) view.setRefresh(value)
          }}
          options={Object.entries(REFRESH_INTERVALS).map(([value, { words }]) => ({ value, words }))}
        />
      </span>
      <button type="button" className="button command" onClick={openPalette} title="Go to or do">
        <Icon name="search" />
        <span className="text-3 command-words">Go to or do</span>
        <kbd>{isMac ? '⌘' : 'Ctrl'} K</kbd>
      </button>
    </header>
  )
}

const isMac = navigator.userAgent.includes('Mac')

function isInterval(value: string): value is RefreshInterval {
  return Object.hasOwn(REFRESH_INTERVALS, value)
}
