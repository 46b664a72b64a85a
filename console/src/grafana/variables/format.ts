/** How a variable's values stand in a text, by Grafana's names for it: `${name:regex}`. */
export const FORMATS = [
  'csv',
  'distributed',
  'doublequote',
  'glob',
  'json',
  'lucene',
  'percentencode',
  'pipe',
  'queryparam',
  'raw',
  'regex',
  'singlequote',
  'sqlstring',
  'text',
] as const
export type Format = (typeof FORMATS)[number]

export function isFormat(name: string): name is Format {
  return FORMATS.some((format) => format === name)
}

/** The chosen values of a variable, and how they are called. */
export interface Chosen {
  readonly name: string
  readonly values: readonly string[]
  readonly texts: readonly string[]
}

export function formatValues({ name, values, texts }: Chosen, format: Format): string {
  const [first = ''] = values
  const isOne = values.length === 1
  switch (format) {
    case 'raw':
    case 'csv':
      return values.join(',')
    case 'distributed':
      return isOne ? first : values.map((value, at) => (at === 0 ? value : `${name}=${value}`)).join(',')
    case 'doublequote':
      return values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(',')
    case 'singlequote':
      return values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(',')
    case 'sqlstring':
      return values.map((value) => `'${value.replaceAll("'", "''")}'`).join(',')
    case 'glob':
      return isOne ? first : `{${values.join(',')}}`
    case 'json':
      return JSON.stringify(isOne ? first : values)
    case 'lucene':
      return isOne ? escapeLucene(first) : `(${values.map((value) => `"${escapeLucene(value)}"`).join(' OR ')})`
    case 'percentencode':
      return encodeURIComponent(isOne ? first : `{${values.join(',')}}`)
    case 'pipe':
      return values.join('|')
    case 'queryparam':
      return values.map((value) => `var-${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
    case 'regex':
      return isOne ? escapeRegex(first) : `(${values.map(escapeRegex).join('|')})`
    case 'text':
      return texts.join(' + ')
  }
}

/** For a regular expression of RE2. */
export function escapeRegex(value: string): string {
  return value.replaceAll(/[\\^$*+?.()|[\]{}/]/g, String.raw`\$&`)
}

function escapeLucene(value: string): string {
  return value.replaceAll(/[+\-=&|><!(){}[\]^"~*?:\\/]/g, String.raw`\$&`)
}
