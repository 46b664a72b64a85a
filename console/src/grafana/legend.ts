/** `{{label}}` filled in; a label that is not there is nothing. */
const PLACE = /\{\{\s*(.+?)\s*\}\}/g

export function writeLegend(format: string, labels: Readonly<Record<string, string>>): string {
  return format.replaceAll(PLACE, (_whole: string, name: string) => labels[name] ?? '')
}

/** What a series is called when its query says nothing: by the labels that tell it from the others. */
export function nameOfSeries(labels: Readonly<Record<string, string>>): string {
  const { __name__: name = '', ...rest } = labels
  const text = Object.entries(rest)
    .map(([label, value]) => `${label}="${value}"`)
    .join(', ')
  return text === '' ? (name === '' ? '{}' : name) : `${name}{${text}}`
}
