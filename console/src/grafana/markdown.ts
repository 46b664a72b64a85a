/** A part of a text panel. */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'paragraph' | 'code' | 'rule'; readonly text: string }
  | { readonly kind: 'list'; readonly isOrdered: boolean; readonly items: readonly string[] }

const HEADING = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/
const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/

/** Headings, lists, code and paragraphs of Markdown; what else there is stays text. */
export function readMarkdown(text: string): readonly Block[] {
  const blocks: Block[] = []
  let paragraph: string[] = []
  let items: { isOrdered: boolean; items: string[] } | undefined
  const close = (): void => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', text: paragraph.join('\n') })
    if (items !== undefined) blocks.push({ kind: 'list', ...items })
    paragraph = []
    items = undefined
  }
  const lines = text.replaceAll('\r', '').split('\n')
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const heading = HEADING.exec(line)
    const item = ITEM.exec(line)
    if (/^\s*```/.test(line)) {
      close()
      const end = lines.findIndex((one, index) => index > at && /^\s*```/.test(one))
      const last = end === -1 ? lines.length : end
      blocks.push({ kind: 'code', text: lines.slice(at + 1, last).join('\n') })
      at = last
    } else if (heading !== null) {
      close()
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, text: heading[2] ?? '' })
    } else if (/^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/.test(line)) {
      close()
      blocks.push({ kind: 'rule', text: '' })
    } else if (item !== null) {
      const isOrdered = item[1] !== undefined
      if (items === undefined || items.isOrdered !== isOrdered) {
        close()
        items = { isOrdered, items: [] }
      }
      items.items.push(item[2] ?? '')
    } else if (line.trim() === '') close()
    else if (items !== undefined) items.items.push(`${items.items.pop() ?? ''} ${line.trim()}`)
    else paragraph.push(line)
  }
  close()
  return blocks
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

/** The text of a panel that is written in HTML, as Markdown: its words, links and headings. Nothing of it is ever HTML here. */
export function htmlToMarkdown(html: string): string {
  return html
    .replaceAll(/<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1\s*>/gi, '')
    .replaceAll(
      /<a\b[^>]*?href\s*=\s*["']?(https?:\/\/[^"'\s>]+)["']?[^>]*>([\s\S]*?)<\/a>/gi,
      (_whole, url: string, words: string) => {
        const text = words.replaceAll(/<[^>]*>/g, '').trim()
        return text === '' ? url : `[${text.replaceAll(/[[\]]/g, '')}](${url})`
      },
    )
    .replaceAll(/<h([1-6])\b[^>]*>/gi, (_whole, level: string) => `\n\n${'#'.repeat(Number(level))} `)
    .replaceAll(/<li\b[^>]*>/gi, '\n- ')
    .replaceAll(/<(?:b|strong)\b[^>]*>([^<]*)<\/(?:b|strong)>/gi, '**$1**')
    .replaceAll(/<br\b[^>]*>/gi, '\n')
    .replaceAll(/<\/(?:p|div|h[1-6]|ul|ol|table|tr|section|center)\s*>/gi, '\n\n')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&(#\d+|\w+);/g, (whole, name: string) =>
      name.startsWith('#')
        ? String.fromCodePoint(Math.min(0x10ffff, Number(name.slice(1))))
        : (ENTITIES[name] ?? whole),
    )
    .replaceAll(/\n[ \t]+/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}
