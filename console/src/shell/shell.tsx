import { Outlet, useMatches } from '@tanstack/react-router'
import { type ReactElement, useMemo, useState } from 'react'
import { useKeepFleet } from '../data/fleet-client.ts'
import { ViewProvider } from '../data/view.tsx'
import type { RefreshInterval } from '../data/view-state.ts'
import { HatchPattern } from '../parts/hatch.tsx'
import { CommandsContext } from './commands.ts'
import { useShellKeys } from './keys.ts'
import { KeysDialog } from './keys-dialog.tsx'
import { Palette } from './palette.tsx'
import { Rail } from './rail.tsx'

/** What stays while pages come and go. */
export function Shell(): ReactElement {
  return (
    <ViewProvider defaultRefresh={useDefaultRefresh()}>
      <Frame />
    </ViewProvider>
  )
}

function Frame(): ReactElement {
  useKeepFleet()
  const [floating, setFloating] = useState<'palette' | 'keys'>()
  const [timeRequest, setTimeRequest] = useState(0)
  const [scopeRequest, setScopeRequest] = useState(0)
  const open = useMemo(
    () => ({
      palette: () => setFloating('palette'),
      keys: () => setFloating('keys'),
      time: () => setTimeRequest((count) => count + 1),
      scope: () => setScopeRequest((count) => count + 1),
    }),
    [],
  )
  useShellKeys(open)
  const commands = useMemo(
    () => ({ openPalette: open.palette, timeRequest, scopeRequest }),
    [open, timeRequest, scopeRequest],
  )
  return (
    <CommandsContext value={commands}>
      <div className="app">
        <a className="skip" href="#main">
          Skip to the content
        </a>
        <HatchPattern />
        <Rail onKeys={open.keys} />
        <Outlet />
      </div>
      {floating === 'palette' ? <Palette onClose={() => setFloating(undefined)} /> : null}
      {floating === 'keys' ? <KeysDialog onClose={() => setFloating(undefined)} /> : null}
    </CommandsContext>
  )
}

/** Each page says how often it refreshes when the address does not. */
function useDefaultRefresh(): RefreshInterval {
  return useMatches().reduce<RefreshInterval>((found, { staticData }) => staticData.refresh ?? found, 'off')
}
