import { type ReactElement, useMemo } from 'react'
import { copyText } from '../../data/clipboard.ts'
import { downloadText } from '../../data/download.ts'
import { Drawer } from '../../parts/drawer.tsx'
import { Icon } from '../../parts/icon.tsx'

/** More than this is for a file, not for a page. */
const SHOWN_CHARACTERS = 100_000

/** What came, as it came: facts about the answer, and its JSON. */
export function InspectDrawer(props: {
  readonly title: string
  readonly facts: readonly (readonly [string, string])[]
  readonly raw: unknown
  readonly onClose: () => void
}): ReactElement {
  const text = useMemo(() => JSON.stringify(props.raw, null, 2), [props.raw])
  return (
    <Drawer label={props.title} head={<h2>{props.title}</h2>} onClose={props.onClose}>
      <dl className="facts-list">
        {props.facts.map(([name, value]) => (
          <div key={name} className="fact-pair">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="drawer-body">
        <span className="state-actions">
          <button
            type="button"
            className="button button-small"
            onClick={() => downloadText('answer.json', 'application/json', [text])}
          >
            <Icon name="export" /> Download JSON
          </button>
          <button type="button" className="button button-small" onClick={() => void copyText(text)}>
            <Icon name="copy" /> Copy
          </button>
          {text.length > SHOWN_CHARACTERS ? <span className="text-3">The beginning is shown.</span> : null}
        </span>
        <pre className="raw" tabIndex={0}>
          {text.slice(0, SHOWN_CHARACTERS)}
        </pre>
      </div>
    </Drawer>
  )
}
