import type { Signal } from '../../model/index.ts'
import { toPrintable } from '../printable.ts'

interface Find {
  readonly rule: string
  readonly action: string
  readonly value: string
  readonly start?: number
  readonly end?: number
}

interface Text {
  readonly place: string
  readonly path: string
  readonly after: string | undefined
  readonly finds: readonly Find[]
}

interface Inspection {
  readonly texts: readonly Text[]
  readonly items: number
  readonly dropped: number
}

export type Inspect = (signal: Signal, payload: Uint8Array) => Inspection

export interface Inspected extends Inspection {
  readonly where: string
}

/** What was found in one line or request and what becomes of it; empty if nothing was. */
export function renderInspected({ where, texts, dropped }: Inspected, showValues: boolean): string {
  if (texts.length === 0) return ''
  const lines: string[] = []
  for (const { place, path, after, finds } of texts) {
    for (const find of finds) {
      const at = find.start === undefined ? 'afterwards' : `bytes ${String(find.start)} to ${String(find.end)}`
      const value = showValues ? `: ${toPrintable(find.value)}` : ''
      const name = path === '' ? place : `${place} ${toPrintable(path)}`
      lines.push(`${where}, ${name}: ${find.rule} (${find.action}), ${at}${value}`)
    }
    if (after !== undefined) lines.push(`  → ${toPrintable(after)}`)
  }
  if (dropped > 0) lines.push(`  → ${String(dropped)} dropped`)
  return `${lines.join('\n')}\n`
}

export function renderSummary(inspected: readonly Inspected[]): string {
  const finds = inspected.flatMap(({ texts }) => texts.flatMap((text) => text.finds))
  const items = inspected.reduce((sum, one) => sum + one.items + one.dropped, 0)
  const dropped = inspected.reduce((sum, one) => sum + one.dropped, 0)
  const byRule = new Map<string, number>()
  for (const { rule } of finds) byRule.set(rule, (byRule.get(rule) ?? 0) + 1)
  const rules = [...byRule].map(([rule, count]) => `${rule} ${String(count)}`).join(', ')
  const found = finds.length === 0 ? 'nothing found' : `${String(finds.length)} found: ${rules}`
  return `${String(items)} records, ${found}${dropped === 0 ? '' : `; ${String(dropped)} dropped`}\n`
}
