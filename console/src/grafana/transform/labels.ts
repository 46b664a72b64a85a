import { displayNameOf, type Field, type Frame, lengthOf } from '../frame.ts'
import { textAt, textsAt } from '../json.ts'
import { merge } from './join.ts'
import type { Transformation } from './transformation.ts'

/** Labels become columns beside the values, or rows of name and value. */
export const labelsToFields: Transformation = (frames, options) => {
  const keep = textsAt(options, 'keepLabels')
  const valueLabel = textAt(options, 'valueLabel')
  if (options['mode'] === 'rows') return frames.map((frame) => asRows(frame, keep))
  const widened = frames.flatMap((frame) => {
    // A table has its labels as columns already.
    if (frame.fields.every(({ labels }) => Object.keys(labels).length === 0)) return [frame]
    return frame.fields
      .filter(({ type }) => type === 'number')
      .map((field) => widen(frame, field, { keep, valueLabel }))
  })
  return merge(widened, {})
}

interface Widening {
  readonly keep: readonly string[]
  /** Whose value names the column. */
  readonly valueLabel: string | undefined
}

function widen(frame: Frame, field: Field, { keep, valueLabel }: Widening): Frame {
  const length = lengthOf(frame)
  const labels = Object.entries(field.labels).filter(([name]) => keep.length === 0 || keep.includes(name))
  const columns = labels
    .filter(([name]) => name !== valueLabel)
    .map(([name, value]): Field => ({ name, labels: {}, type: 'string', values: Array.from({ length }, () => value) }))
  const title = valueLabel === undefined ? undefined : field.labels[valueLabel]
  const time = frame.fields.filter(({ type }) => type === 'time')
  return {
    refId: frame.refId,
    fields: [...time, ...columns, { ...field, name: title ?? field.name, labels: {}, displayName: '' }],
  }
}

function asRows(frame: Frame, keep: readonly string[]): Frame {
  const rows = frame.fields.flatMap((field) =>
    Object.entries(field.labels).filter(([name]) => keep.length === 0 || keep.includes(name)),
  )
  return {
    refId: frame.refId,
    fields: [
      { name: 'label', labels: {}, type: 'string', values: rows.map(([name]) => name) },
      { name: 'value', labels: {}, type: 'string', values: rows.map(([, value]) => value) },
    ],
  }
}

/** All series below each other: time, name of the series, value. */
export const seriesToRows: Transformation = (frames) => {
  const rows = frames.flatMap((frame) => {
    const time = frame.fields.find(({ type }) => type === 'time')
    return frame.fields.flatMap((field) =>
      field.type === 'number'
        ? field.values.map((value, at) => ({
            time: Number(time?.values[at] ?? 0),
            metric: displayNameOf(field),
            value,
          }))
        : [],
    )
  })
  rows.sort((a, b) => b.time - a.time)
  return [
    {
      refId: frames[0]?.refId ?? 'A',
      fields: [
        { name: 'Time', labels: {}, type: 'time', values: rows.map(({ time }) => time) },
        { name: 'Metric', labels: {}, type: 'string', values: rows.map(({ metric }) => metric) },
        { name: 'Value', labels: {}, type: 'number', values: rows.map(({ value }) => value) },
      ],
    },
  ]
}
