import { type ReactElement, useMemo } from 'react'
import { type Block, htmlToMarkdown, readMarkdown } from '../../../grafana/markdown.ts'

/**
 * A text panel: headings, lists, emphasis, code and links of Markdown as elements of the page. HTML stays text, or gives its words, for
 * a dashboard may be anybody's.
 */
export function TextBody({
  content,
  mode,
}: {
  readonly content: string
  readonly mode: string | undefined
}): ReactElement {
  const blocks = useMemo(
    (): readonly Block[] =>
      mode === 'code' || mode === 'text'
        ? [{ kind: 'code', text: content }]
        : readMarkdown(mode === 'html' || /^\s*<(?!https?:)[a-z!]/i.test(content) ? htmlToMarkdown(content) : content),
    [content, mode],
  )
  return (
    <div className="text-body">
      {blocks.map((block, at) => (
        <BlockView key={at} block={block} />
      ))}
    </div>
  )
}

function BlockView({ block }: { readonly block: Block }): ReactElement {
  switch (block.kind) {
    case 'heading':
      return block.level <= 2 ? (
        <h3>
          <Inline text={block.text} />
        </h3>
      ) : (
        <h4>
          <Inline text={block.text} />
        </h4>
      )
    case 'code':
      return <pre className="raw">{block.text}</pre>
    case 'rule':
      return <hr />
    case 'list': {
      const items = block.items.map((item, at) => (
        <li key={at}>
          <Inline text={item} />
        </li>
      ))
      return block.isOrdered ? <ol>{items}</ol> : <ul>{items}</ul>
    }
    case 'paragraph':
      return (
        <p>
          <Inline text={block.text} />
        </p>
      )
  }
}

/** `**strong**`, `code` and links; an address that is no http address stays text. */
function Inline({ text }: { readonly text: string }): ReactElement {
  const parts = text.split(/(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\(https?:\/\/[^)\s]+\)|<https?:\/\/[^>\s]+>)/)
  return (
    <>
      {parts.map((part, at) => {
        if (part.startsWith('**') && part.endsWith('**') && part.length > 4) return <b key={at}>{part.slice(2, -2)}</b>
        if (part.startsWith('`') && part.endsWith('`') && part.length > 2)
          return <code key={at}>{part.slice(1, -1)}</code>
        const link = /^\[([^\]]+)\]\((https?:\/\/[^)\s]+)\)$/.exec(part) ?? /^<((https?:\/\/[^>\s]+))>$/.exec(part)
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
