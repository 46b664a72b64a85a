import type { ReactElement } from 'react'
import { StatusGlyph } from '../../parts/status.tsx'

/**
 * What an answer is not whole of, or a panel does not show: one line, however many there are, because a panel is small and
 * a fleet may have many silent clusters. It opens to all of them.
 */
export function PanelNotes({ notes }: { readonly notes: readonly string[] }): ReactElement | null {
  const texts = [...new Set(notes)]
  const [first] = texts
  if (first === undefined) return null
  if (texts.length === 1) {
    return (
      <p className="note note-degraded panel-note" role="status">
        <StatusGlyph status="degraded" />
        <span className="cut" title={first}>
          {first}
        </span>
      </p>
    )
  }
  return (
    <div className="panel-notes" role="status">
      <details>
        <summary className="note note-degraded panel-note">
          <StatusGlyph status="degraded" />
          <b>{texts.length} notes</b>
          <span className="cut text-2">{first}</span>
        </summary>
        <ul>
          {texts.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </details>
    </div>
  )
}
