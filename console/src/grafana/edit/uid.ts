const LONGEST = 44

/** A uid out of a title, with a tail of its own: two of one title are two. */
export function newUid(title: string): string {
  const words = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, LONGEST)
  const tail = Array.from(crypto.getRandomValues(new Uint8Array(5)), (byte) => byte.toString(36).padStart(2, '0')).join(
    '',
  )
  return `${words === '' ? 'dashboard' : words}-${tail}`
}
