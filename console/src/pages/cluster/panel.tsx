import type { ReactElement, ReactNode } from 'react'

/** One cell of the sheet: its title, what belongs to the title, its content. */
export function Panel(props: {
  readonly title: string
  readonly more?: ReactNode
  readonly children: ReactNode
}): ReactElement {
  return (
    <section className="cluster-panel" aria-label={props.title}>
      <header className="panel-head">
        <h3>{props.title}</h3>
        <span className="text-3 cut">{props.more}</span>
      </header>
      {props.children}
    </section>
  )
}
