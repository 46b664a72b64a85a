/** How the state of a page is written in its address: plain `key=value`, a list as a repeated key, nothing for defaults. */
export type AddressState = Readonly<Record<string, string | readonly string[] | undefined>>

export function parseAddress(search: string): Record<string, string | string[]> {
  const state: Record<string, string | string[]> = {}
  for (const key of new Set(new URLSearchParams(search).keys())) {
    const values = new URLSearchParams(search).getAll(key)
    state[key] = values.length === 1 ? (values[0] ?? '') : values
  }
  return state
}

export function writeAddress(state: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(state)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === 'string') params.append(key, one)
    }
  }
  // What is legible unescaped stays so: queries are read and edited in addresses.
  const text = params
    .toString()
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%28', '(')
    .replaceAll('%29', ')')
    .replaceAll('%7B', '{')
    .replaceAll('%7D', '}')
    .replaceAll('%3D', '=')
    .replaceAll('%2F', '/')
  return text === '' ? '' : `?${text}`
}

/** `a,b` as a list without doubles and empty ones. */
export function splitList(text: string | undefined): readonly string[] {
  return [...new Set((text ?? '').split(',').filter((one) => one !== ''))]
}

export function joinList(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(',')
}
