/**
 * A text that every match of the RE2 expression contains, so that input without it need not be looked at; undefined
 * where none is plain to see. It reads only the simplest expressions: from left to right, up to anything that is
 * an alternative or could be left out, and gives the longest run of plain characters found outside of brackets.
 */
export function requiredLiteral(expression: string): string | undefined {
  // Flags change what a character means; an alternative outside of brackets makes everything optional.
  if (expression.includes('(?') && !/^(?:[^(]|\(\?P?<|\(\?:|\((?!\?))*$/.test(expression)) return undefined
  let best = ''
  let run = ''
  const close = (): void => {
    if (run.length > best.length) best = run
    run = ''
  }
  for (let at = 0; at < expression.length; at++) {
    const char = expression[at] ?? ''
    const next = expression[at + 1] ?? ''
    if (char === '|') return undefined
    if (char === '(' || char === '[') {
      close()
      const end = char === '(' ? endOfGroup(expression, at) : endOfClass(expression, at)
      if (end === undefined) return undefined
      at = end
    } else if (char === '\\') {
      if (/[\w\d]/.test(next)) {
        close()
        // What follows the letter may belong to it (\pL, \x41, \Q…\E): nothing is taken from there on.
        if (!/[bBdDsSwWAz]/.test(next)) break
      } else {
        run += next
      }
      at += 1
    } else if ('*?{'.includes(char)) {
      run = run.slice(0, -1)
      close()
      if (char === '{') at = Math.max(at, expression.indexOf('}', at))
    } else if ('.^$+'.includes(char)) {
      close()
    } else {
      run += char
    }
  }
  close()
  return best.length >= 2 && /^[\x20-\x7e]+$/.test(best) ? best : undefined
}

function endOfGroup(expression: string, from: number): number | undefined {
  let depth = 0
  for (let at = from; at < expression.length; at++) {
    const char = expression[at]
    if (char === '\\') at += 1
    else if (char === '[') at = endOfClass(expression, at) ?? expression.length
    else if (char === '(') depth += 1
    else if (char === ')') {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return undefined
}

function endOfClass(expression: string, from: number): number | undefined {
  let at = from + 1
  if (expression[at] === '^') at += 1
  // A bracket that comes first is one of the characters.
  if (expression[at] === ']') at += 1
  for (; at < expression.length; at++) {
    if (expression[at] === '\\') at += 1
    else if (expression.startsWith('[:', at)) at = expression.indexOf(':]', at) + 1
    else if (expression[at] === ']') return at
  }
  return undefined
}
