/** A part of a log line: keys are set quieter than what they say. */
export interface BodyPart {
  readonly text: string
  readonly kind: 'text' | 'key' | 'value'
}

/** Longer lines are shown as they are: nobody reads their parts apart. */
const LONGEST = 20_000
const MESSAGE_KEYS = ['msg', 'message', 'body', 'event', 'log'] as const
/** What the columns of the list say already. */
const KNOWN_KEYS = new Set(['ts', 'time', 'timestamp', '@timestamp', 'level', 'severity', 'lvl'])

/** A JSON object as its message and `key=value`, `key=value` pairs with quiet keys, anything else as it is. */
export function splitBody(line: string): readonly BodyPart[] {
  const plain = withoutColours(line)
  if (plain.length > LONGEST) return [{ text: plain, kind: 'text' }]
  const object = plain.startsWith('{') ? parseObject(plain) : undefined
  return object === undefined ? splitPairs(plain) : splitObject(object)
}

function splitObject(object: Readonly<Record<string, unknown>>): readonly BodyPart[] {
  const messageKey = MESSAGE_KEYS.find((key) => typeof object[key] === 'string')
  const message = messageKey === undefined ? undefined : object[messageKey]
  const others = Object.entries(object).filter(([key]) => key !== messageKey && !KNOWN_KEYS.has(key.toLowerCase()))
  const parts: BodyPart[] = typeof message === 'string' ? [{ text: message, kind: 'text' }] : []
  for (const [key, value] of others) {
    parts.push({ text: `${parts.length === 0 ? '' : ' '}${key}=`, kind: 'key' })
    parts.push({ text: typeof value === 'string' ? value : JSON.stringify(value), kind: 'value' })
  }
  return parts.length === 0 ? [{ text: JSON.stringify(object), kind: 'text' }] : parts
}

function splitPairs(line: string): readonly BodyPart[] {
  const parts: BodyPart[] = []
  let from = 0
  for (const match of line.matchAll(/(^|\s)([\w.@-]{1,64}=)(?="|[^\s=])/g)) {
    const at = match.index + (match[1]?.length ?? 0)
    const key = match[2] ?? ''
    if (at < from) continue
    if (at > from) parts.push({ text: line.slice(from, at), kind: 'text' })
    parts.push({ text: key, kind: 'key' })
    from = at + key.length
  }
  if (from < line.length || parts.length === 0)
    parts.push({ text: line.slice(from), kind: parts.length === 0 ? 'text' : 'value' })
  return parts
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

/** Without the escape sequences by which terminals are coloured. */
function withoutColours(line: string): string {
  // Built from its number: the escape character itself does not belong into a source.
  const escape = String.fromCharCode(27)
  return line.includes(escape) ? line.replaceAll(new RegExp(`${escape}\\[[0-9;]*[A-Za-z]`, 'g'), '') : line
}

/** Shows characters that turn the direction of writing, and other invisible ones, as symbols: text never hides. */
export function showControls(text: string): string {
  return text.replaceAll(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    (character) => {
      const code = character.charCodeAt(0)
      return code < 0x20
        ? String.fromCharCode(0x2400 + code)
        : `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`
    },
  )
}

/** Cuts a text where one of the needles stands in it, in either case. */
export function markNeedles(
  text: string,
  needles: readonly string[],
): readonly { readonly text: string; readonly isMatch: boolean }[] {
  const wanted = needles.filter((needle) => needle !== '')
  if (wanted.length === 0) return [{ text, isMatch: false }]
  const lower = text.toLowerCase()
  // Some letters change their number when they change their case; then places do not agree, and nothing is marked.
  if (lower.length !== text.length) return [{ text, isMatch: false }]
  const parts: { text: string; isMatch: boolean }[] = []
  let from = 0
  for (;;) {
    const next = wanted
      .map((needle) => ({ at: lower.indexOf(needle.toLowerCase(), from), length: needle.length }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at || b.length - a.length)[0]
    if (next === undefined) break
    if (next.at > from) parts.push({ text: text.slice(from, next.at), isMatch: false })
    parts.push({ text: text.slice(next.at, next.at + next.length), isMatch: true })
    from = next.at + next.length
  }
  if (from < text.length) parts.push({ text: text.slice(from), isMatch: false })
  return parts
}
