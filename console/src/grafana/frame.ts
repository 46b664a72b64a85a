/** A column of a frame. All fields of a frame have the same length; `null` stands where there is nothing. */
export type Field = TimeField | NumberField | StringField

interface FieldBase {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** What it is to be called, when not by its name and labels: a legend. */
  readonly displayName?: string
}

export interface TimeField extends FieldBase {
  readonly type: 'time'
  /** Milliseconds since the epoch. */
  readonly values: readonly (number | null)[]
}

export interface NumberField extends FieldBase {
  readonly type: 'number'
  readonly values: readonly (number | null)[]
}

export interface StringField extends FieldBase {
  readonly type: 'string'
  readonly values: readonly (string | null)[]
}

/** What a query answers and what transformations turn into another: named columns of one length. */
export interface Frame {
  readonly refId: string
  readonly name?: string
  readonly fields: readonly Field[]
}

export function lengthOf(frame: Frame): number {
  return frame.fields[0]?.values.length ?? 0
}

/** As Grafana calls it: its legend, or its name and those labels that tell it from the others. */
export function displayNameOf(field: Field): string {
  if (field.displayName !== undefined && field.displayName !== '') return field.displayName
  const labels = Object.entries(field.labels)
  if (labels.length === 0) return field.name
  const [only] = labels
  if (labels.length === 1 && only !== undefined && field.name === 'Value') return only[1]
  const text = labels.map(([name, value]) => `${name}="${value}"`).join(', ')
  return field.name === 'Value' ? `{${text}}` : `${field.name} {${text}}`
}

/** The same field with other values; its type stays. */
export function withRows(field: Field, rows: readonly number[]): Field {
  switch (field.type) {
    case 'string':
      return { ...field, values: rows.map((row) => field.values[row] ?? null) }
    case 'number':
    case 'time':
      return { ...field, values: rows.map((row) => field.values[row] ?? null) }
  }
}
