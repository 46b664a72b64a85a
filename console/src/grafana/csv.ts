import { displayNameOf, type Frame, lengthOf } from './frame.ts'

/**
 * Frames as text with commas (RFC 4180), one below the other, times in ISO 8601. What a spreadsheet would take for a formula gets
 * an apostrophe: text from telemetry is never run.
 */
export function toCsv(frames: readonly Frame[]): string {
  return frames.map(frameToCsv).join('\r\n')
}

function frameToCsv(frame: Frame): string {
  const lines = [frame.fields.map((field) => quote(displayNameOf(field))).join(',')]
  for (let row = 0; row < lengthOf(frame); row++) {
    const cells = frame.fields.map((field) => {
      const value = field.values[row] ?? null
      if (value === null) return ''
      if (field.type === 'time') return new Date(Number(value)).toISOString()
      return typeof value === 'number' ? String(value) : quote(value)
    })
    lines.push(cells.join(','))
  }
  return `${lines.join('\r\n')}\r\n`
}

function quote(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
