import { type ReactElement, type ReactNode, useState } from 'react'
import { useFleetClusters } from '../data/fleet-client.ts'
import { useView } from '../data/view.tsx'
import { isInScope } from '../data/view-state.ts'
import { Checkbox } from '../parts/controls.tsx'
import { Chevron } from '../parts/icon.tsx'
import { Pennant } from '../parts/pennant.tsx'
import { Popover } from '../parts/popover.tsx'
import { StatusGlyph } from '../parts/status.tsx'
import { useCommands } from './commands.ts'

const SEARCH_ABOVE = 8
const NAMES_SHOWN = 2

export function EnvironmentPicker(): ReactElement {
  const { scope, setScope } = useView()
  const { scopeRequest } = useCommands()
  const environments = [...new Set(useFleetClusters().map(({ environment }) => environment))].sort()
  const chosen = scope.environments
  return (
    <Popover
      label="Environments"
      className="select-button"
      openRequest={scopeRequest}
      face={
        <>
          {chosen.length === 0 ? (
            <b>All environments</b>
          ) : (
            chosen.slice(0, 3).map((one) => <Pennant key={one} environment={one} />)
          )}
          {chosen.length > 3 ? <span>+{chosen.length - 3}</span> : null}
          <Chevron />
        </>
      }
    >
      {() => (
        <Choices
          names={environments}
          chosen={chosen}
          // Clusters of another environment would leave nothing to show.
          onChange={(next) => setScope({ environments: next, clusters: [] })}
          face={(name) => <Pennant environment={name} />}
        />
      )}
    </Popover>
  )
}

export function ClusterPicker(): ReactElement {
  const { scope, setScope } = useView()
  const clusters = useFleetClusters().filter((one) => isInScope({ ...scope, clusters: [] }, one))
  const chosen = scope.clusters
  const words =
    chosen.length === 0
      ? `All ${clusters.length} clusters`
      : chosen.length <= NAMES_SHOWN
        ? chosen.join(', ')
        : `${chosen.length} clusters`
  return (
    <Popover
      label="Clusters"
      className="select-button"
      align="right"
      face={
        <>
          <b className="cut">{words}</b>
          <Chevron />
        </>
      }
    >
      {() => (
        <Choices
          names={clusters.map(({ cluster }) => cluster)}
          chosen={chosen}
          onChange={(next) => setScope({ ...scope, clusters: next })}
          face={(name) => {
            const status = clusters.find(({ cluster }) => cluster === name)?.status
            return (
              <>
                {status === undefined ? null : <StatusGlyph status={status} />} {name}
              </>
            )
          }}
        />
      )}
    </Popover>
  )
}

/** Only for those who may read several: all, one, or some together, with what they have in common. */
export function TenantPicker(): ReactElement | null {
  const { tenant, setTenant } = useView()
  const known = [...new Set(useFleetClusters().map((one) => one.tenant))].sort()
  const chosen = (tenant ?? '').split('|').filter((name) => name !== '')
  if (known.length < 2 && chosen.length === 0) return null
  return (
    <Popover
      label="Tenants"
      className="select-button tenants"
      face={
        <>
          <b className="cut">{chosen.length === 0 ? 'All tenants' : chosen.join(', ')}</b>
          <Chevron />
        </>
      }
    >
      {() => (
        <Choices
          names={known}
          chosen={chosen}
          onChange={(next) => setTenant(next.length === 0 ? undefined : next.join('|'))}
          face={(name) => name}
        />
      )}
    </Popover>
  )
}

function Choices(props: {
  readonly names: readonly string[]
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
  readonly face: (name: string) => ReactNode
}): ReactElement {
  const { chosen } = props
  const [find, setFind] = useState('')
  // What is chosen but unknown can be taken away again.
  const names = [...new Set([...props.names, ...chosen])]
  const shown = names.filter((name) => name.toLowerCase().includes(find.toLowerCase()))
  return (
    <div className="choices">
      {names.length > SEARCH_ABOVE ? (
        <input
          className="input"
          aria-label="Find"
          placeholder="Find"
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
      ) : null}
      <button type="button" className="choice-all" disabled={chosen.length === 0} onClick={() => props.onChange([])}>
        All {names.length}
      </button>
      <div className="choices-list">
        {shown.map((name) => (
          <Checkbox
            key={name}
            checked={chosen.includes(name)}
            onChange={(checked) =>
              props.onChange(checked ? [...chosen, name] : chosen.filter((other) => other !== name))
            }
          >
            {props.face(name)}
          </Checkbox>
        ))}
        {shown.length === 0 ? <span className="text-3">none</span> : null}
      </div>
    </div>
  )
}
