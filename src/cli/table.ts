import { stripVTControlCharacters } from 'node:util'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/** Aligned columns, two spaces apart, a line of titles on top; no line ends in spaces. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => width(line[index] ?? ''))))
  return lines
    .map((line) =>
      columns
        .map(({ align }, index) => pad(line[index] ?? '', widths[index] ?? 0, align))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function pad(text: string, to: number, align: Column['align']): string {
  const space = ' '.repeat(to - width(text))
  return align === 'right' ? space + text : text + space
}

/** Characters, not UTF-16 units; escape sequences for colour take no place. */
function width(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length
}
