/**
 * How many characters, classes and alternatives the expression comes to when counted repetitions are written out: what
 * compiling it costs. Reads expressions that may be broken; a number that is a little wrong does no harm.
 */
export function expandedSize(expression: string): number {
  /** The sizes of the groups that are open, outermost first, and of what stands before the next repetition. */
  const open: number[] = []
  let size = 0
  let last = 0
  for (let i = 0; i < expression.length; i++) {
    const repetition = expression[i] === '{' ? REPETITION.exec(expression.slice(i, i + REPETITION_LENGTH)) : null
    if (repetition !== null) {
      const times = Math.max(1, Number(repetition[1]), Number(repetition[2] ?? 0))
      size += last * (times - 1)
      last *= times
      i += repetition[0].length - 1
      continue
    }
    switch (expression[i]) {
      case '(':
        open.push(size)
        size = 0
        last = 0
        break
      case ')':
        last = size + 1
        size = (open.pop() ?? 0) + last
        break
      case '[':
        i = endOfClass(expression, i)
        last = 1
        size += 1
        break
      case '\\':
        i += 1
        last = 1
        size += 1
        break
      default:
        last = 1
        size += 1
    }
  }
  return open.reduce((all, one) => all + one, size)
}

const REPETITION = /^\{(\d{1,6})(?:,(\d{0,6}))?\}/
const REPETITION_LENGTH = 16

function endOfClass(expression: string, start: number): number {
  for (let i = start + 2; i < expression.length; i++) {
    if (expression[i] === '\\') i += 1
    else if (expression[i] === ']') return i
  }
  return expression.length
}
