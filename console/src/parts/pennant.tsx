import type { ReactElement } from 'react'

const KNOWN = new Set(['dev', 'stg', 'prd', 'ops'])

/** The environment's code with a swallowtail edge; muted, because status must stay louder. */
export function Pennant({ environment }: { readonly environment: string }): ReactElement {
  return <span className={`pennant pennant-${KNOWN.has(environment) ? environment : 'other'}`}>{environment}</span>
}
