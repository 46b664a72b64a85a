/**
 * Texts inside SQL. The engine process is the only program that writes values into SQL text, because chDB has no
 * other way in for them, and these two functions are the only places where it does.
 */

/** A ClickHouse string literal, quotes included. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll(/[\\'\0]/g, (character) => (character === '\0' ? '\\0' : `\\${character}`))}'`
}

/** A ClickHouse identifier, backquotes included. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll(/[\\`]/g, (character) => `\\${character}`)}\``
}
