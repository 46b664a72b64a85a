/** The text's beginning of at most so many bytes of UTF-8, never half a character. */
export function cutText(text: string, maxBytes: number): string {
  // No character takes more than three bytes for each of its UTF-16 units.
  if (3 * text.length <= maxBytes) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return text
  let end = maxBytes
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end)
}
