type Part<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** `base` with every value that a part has; later parts win. */
export function overlay<T extends object>(base: T, ...parts: readonly (Part<T> | undefined)[]): T {
  const values = parts.flatMap((part) => Object.entries(part ?? {}).filter(([, value]) => value !== undefined))
  return { ...base, ...(Object.fromEntries(values) as Partial<T>) }
}
