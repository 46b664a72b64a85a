import type { ReactElement } from 'react'

/**
 * A text panel: headings, lists, emphasis and code of Markdown as elements of the page. HTML in it stays text, for a dashboard may be
 * anybody's.
 */
export function TextBody({ content }: { readonly content: string }): ReactElement {
  const blocks = content.replaceAll('\r', '').split(/\n{2,}/)
  return (
    <div className="text-body">
      {blocks.map((block, at) => (
        <Block key={at} text={block.trim()} />
      ))}
    </div>
  )
}

function Block({ text }: { readonly text: string }): ReactElement {
  const heading = /^(#{1,6})\s+(.*)$/s.exec(text)
  if (heading !== null) return <h3>{<Inline text={heading[2] ?? ''} />}</h3>
  const lines = text.split('\n')
  if (lines.every((line) => /^\s*[-*]\s+/.test(line))) {
    return (
      <ul>
        {lines.map((line, at) => (
          <li key={at}>
            <Inline text={line.replace(/^\s*[-*]\s+/, '')} />
          </li>
        ))}
      </ul>
    )
  }
  return (
    <p>
      <Inline text={text} />
    </p>
  )
}

/** `**strong**`, `code` and links; an address that is no http address stays text. */
function Inline({ text }: { readonly text: string }): ReactElement {
  const parts = text.split(/(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\(https?:\/\/[^)\s]+\))/)
  return (
    <>
      {parts.map((part, at) => {
        if (part.startsWith('**') && part.endsWith('**')) return <b key={at}>{part.slice(2, -2)}</b>
        if (part.startsWith('`') && part.endsWith('`') && part.length > 2)
          return <code key={at}>{part.slice(1, -1)}</code>
        const link = /^\[([^\]]+)\]\((https?:\/\/[^)\s]+)\)$/.exec(part)
        if (link === null) return part
        return (
          <a key={at} href={link[2]} target="_blank" rel="noreferrer noopener">
            {link[1]}
          </a>
        )
      })}
    </>
  )
}
