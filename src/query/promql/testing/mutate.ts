import { Choices } from './choices.ts'

const TOKEN =
  /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`|[A-Za-z_:][\w:]*|[\d.][\w.]*|[=!<>]=|[=!]~|<\/|>\/|\s+|./gsu

const STRAY = [
  ...[
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '=',
    '==',
    '!=',
    '=~',
    '!~',
    '<',
    '>',
    '</',
    '+',
    '-',
    '*',
    '/',
    '^',
    '@',
  ],
  ...['sum', 'by', 'on', 'bool', 'offset', 'group_left', 'fill', 'anchored', 'start', 'step', 'and', 'atan2', 'rate'],
  ...[
    '"x"',
    "'y'",
    '`z`',
    '1',
    '5m',
    '0x',
    '1e',
    'Inf',
    'foo',
    'a:b',
    '.',
    '#',
    '\n',
    ' ',
    '"',
    '\\',
    '!',
    ';',
    'é',
    '😀',
  ],
]

/** The query with one to three of its tokens taken out, doubled, exchanged or replaced: mostly no query any more. */
export function mutateQuery(query: string, random: () => number): string {
  const choices = new Choices(random)
  const tokens = query.match(TOKEN) ?? []
  for (let changes = 1 + choices.below(3); changes > 0; changes--) {
    const at = choices.below(tokens.length + 1)
    const other = choices.below(tokens.length + 1)
    const [a = '', b = ''] = [tokens[at], tokens[other]]
    choices.weighted<unknown>([
      [3, () => tokens.splice(at, 1)],
      [2, () => tokens.splice(at, 0, a)],
      [2, () => tokens.splice(at, 0, choices.pick(STRAY))],
      [2, () => tokens.splice(at, 1, choices.pick(STRAY))],
      [1, () => tokens.splice(at, 1, b)],
      [1, () => tokens.splice(at)],
    ])
  }
  return tokens.join('')
}
