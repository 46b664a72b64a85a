import { AppError } from '../../../core/index.ts'

/** The name of a field or the place of an item. */
export type PathStep = string | number

const STEP = /\.?([A-Za-z_][A-Za-z0-9_-]*)|\[\s*(?:(\d+)|"((?:[^"\\]|\\.)*)"|`([^`]*)`)\s*\]/y

/** Reads `servers[0].name["first part"]`. Throws AppError `invalid`. */
export function parseJsonPath(expression: string): readonly PathStep[] {
  const steps: PathStep[] = []
  const text = expression.trim()
  let at = 0
  while (at < text.length) {
    STEP.lastIndex = at
    const match = STEP.exec(text)
    if (match === null || (at === 0 && match[0].startsWith('.'))) throw unreadable(expression, text, at)
    if (match[1] !== undefined && at > 0 && !match[0].startsWith('.')) throw unreadable(expression, text, at)
    const [whole, field, index, quoted, raw] = match
    steps.push(field ?? (index === undefined ? (raw ?? unquote(quoted ?? '')) : Number(index)))
    at += whole.length
  }
  if (steps.length === 0) throw unreadable(expression, text, 0)
  return steps
}

function unquote(text: string): string {
  return text.replace(/\\(.)/gs, '$1')
}

function unreadable(expression: string, text: string, at: number): AppError {
  const open = text[at] === '[' && !text.includes(']', at)
  const wanted = open ? 'STRING or INDEX' : 'LSB or FIELD'
  const problem =
    open || at >= text.length
      ? `unexpected $end, expecting ${wanted}`
      : `unexpected ${JSON.stringify(text[at])} at character ${String(at + 1)}`
  return new AppError('invalid', `cannot parse expression [${expression}]: syntax error: ${problem}`)
}
