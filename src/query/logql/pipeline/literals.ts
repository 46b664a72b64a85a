/**
 * The texts of which one must be found, where an expression says no more than that: `timeout`, `a|b`, `.*failed.*`,
 * `(?i)error`. Those of an expression that ignores case are in lower case, and ASCII only, so that no letter is met by
 * one that is none.
 */
export function literalsOf(
  expression: string,
): { readonly texts: readonly string[]; readonly ignoreCase: boolean } | undefined {
  const ignoreCase = expression.startsWith('(?i)')
  let body = ignoreCase ? expression.slice(4) : expression
  const grouped = /^\((?:\?:)?([^()]*)\)$/.exec(body)
  if (grouped !== null) body = grouped[1] ?? ''
  const texts: string[] = []
  for (const part of body.split('|')) {
    const text = PART.exec(part)?.[1]
    if (text === undefined) return undefined
    texts.push(text.replace(/\\(.)/g, '$1'))
  }
  if (ignoreCase && !texts.every(isPlainAscii)) return undefined
  return { texts: ignoreCase ? texts.map((text) => text.toLowerCase()) : texts, ignoreCase }
}

const PART = /^(?:\.\*)?((?:[^\\.+*?()[\]{}^$|]|\\[.+*?()[\]{}^$|/\\-])+)(?:\.\*)?$/

/** The letters k and s have relatives beyond ASCII, which an expression that ignores case meets too. */
function isPlainAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text) && !/[ks]/i.test(text)
}
