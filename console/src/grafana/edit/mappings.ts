import { type Json, numberAt, objectAt, objectsAt, textAt } from '../json.ts'

/** One line of the mappings' editor: what it is for, and what is shown instead (`text`, `color`, and what else is there). */
export type MappingRow = (
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'range'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: 'regex'; readonly pattern: string }
  | { readonly kind: 'special'; readonly match: string }
) & { readonly result: Json }

export const SPECIAL_MATCHES = ['null', 'nan', 'null+nan', 'true', 'false', 'empty'] as const

/** The mappings of a field config, one line each; those before Grafana 8 as those of today. What is unknown is left out. */
export function mappingRows(config: Json): readonly MappingRow[] {
  return objectsAt(config, 'mappings').flatMap((mapping): readonly MappingRow[] => {
    const options = objectAt(mapping, 'options')
    const result = objectAt(options, 'result')
    switch (mapping['type']) {
      case 'value':
        return Object.keys(options)
          .map((value): MappingRow => ({ kind: 'value', value, result: objectAt(options, value) }))
          .sort((a, b) => indexOf(a) - indexOf(b))
      case 'range':
        return [{ kind: 'range', from: numberAt(options, 'from'), to: numberAt(options, 'to'), result }]
      case 'regex':
        return [{ kind: 'regex', pattern: textAt(options, 'pattern') ?? '', result }]
      case 'special':
        return [{ kind: 'special', match: textAt(options, 'match') ?? 'null', result }]
      case 1:
      case '1': {
        const value = textAt(mapping, 'value') ?? ''
        const old = { text: textAt(mapping, 'text') ?? '' }
        return [
          value === 'null' ? { kind: 'special', match: 'null', result: old } : { kind: 'value', value, result: old },
        ]
      }
      case 2:
      case '2': {
        const old = { text: textAt(mapping, 'text') ?? '' }
        return [{ kind: 'range', from: numberAt(mapping, 'from'), to: numberAt(mapping, 'to'), result: old }]
      }
      default:
        return []
    }
  })
}

const indexOf = ({ result }: MappingRow): number => numberAt(result, 'index') ?? 0

/** The lines as Grafana writes them: values that follow each other are one mapping. */
export function writeMappings(rows: readonly MappingRow[]): readonly Json[] {
  const mappings: Json[] = []
  rows.forEach((row, index) => {
    const result = { ...row.result, index }
    if (row.kind !== 'value') {
      mappings.push({ type: row.kind, options: { ...conditionOf(row), result } })
      return
    }
    const last = mappings.at(-1)
    // The same value twice stays two: the first one wins.
    const together = last !== undefined && last['type'] === 'value' && !(row.value in objectAt(last, 'options'))
    const options = { ...(together ? objectAt(last, 'options') : {}), [row.value]: result }
    if (together) mappings.pop()
    mappings.push({ type: 'value', options })
  })
  return mappings
}

function conditionOf(row: Exclude<MappingRow, { readonly kind: 'value' }>): Json {
  switch (row.kind) {
    case 'range':
      return { from: row.from ?? null, to: row.to ?? null }
    case 'regex':
      return { pattern: row.pattern }
    case 'special':
      return { match: row.match }
  }
}

/** Another kind with the same result. */
export function asKind(kind: MappingRow['kind'], result: Json): MappingRow {
  switch (kind) {
    case 'value':
      return { kind, value: '', result }
    case 'range':
      return { kind, from: undefined, to: undefined, result }
    case 'regex':
      return { kind, pattern: '', result }
    case 'special':
      return { kind, match: 'null', result }
  }
}
