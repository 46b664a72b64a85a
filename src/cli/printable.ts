/**
 * Text from telemetry as one line for a terminal: control characters, which could move its cursor or hide what follows,
 * and those that turn the direction of writing are shown as escapes.
 */
export function toPrintable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.codePointAt(0) ?? 0
    return `\\u${code.toString(16).padStart(4, '0')}`
  })
}
