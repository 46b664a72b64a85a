import { sql, type Sql, str } from '../sql.ts'

/** `|=`, `!=`, `|~`, `!~` on the line; the last two hold RE2 expressions, not anchored. */
export interface LineFilter {
  readonly operator: '|=' | '!=' | '|~' | '!~'
  readonly value: string
}

/** The lines that pass all filters, as a condition over `body`. */
export function passesAll(filters: readonly LineFilter[]): Sql {
  return sql.and(filters.map(passes))
}

function passes({ operator, value }: LineFilter): Sql {
  switch (operator) {
    case '|=':
      return contains(value)
    case '!=':
      return sql`position(body, ${str(value)}) = 0`
    case '|~':
      return sql`match(body, ${str(toExpression(value))})`
    case '!~':
      return sql`NOT match(body, ${str(toExpression(value))})`
  }
}

/**
 * A line contains a text only if it contains, as a whole word, every word that stands inside the text between two
 * separators. The text index finds those at once; the words at the text's ends may be parts of longer ones.
 */
function contains(text: string): Sql {
  const words = innerWords(text).map((word) => sql`hasToken(body, ${str(word)})`)
  return sql.join([...words, sql`position(body, ${str(text)}) > 0`], ' AND ')
}

/** The index splits at every ASCII character that is no letter or digit; all other bytes belong to words. */
const WORD = /[A-Za-z0-9\u0080-\u{10ffff}]+/gu

function innerWords(text: string): readonly string[] {
  const words: string[] = []
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (index > 0 && index + word.length < text.length) words.push(word)
  }
  return words
}

/** In ClickHouse a dot matches a line break, in Loki's line filters it does not. */
function toExpression(value: string): string {
  return value.includes('.') ? `(?-s)${value}` : value
}
