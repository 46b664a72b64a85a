/** Names that stand in every format as they are. */
export const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
export const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** With underscores for all characters that a plain word has not. */
export function underscored(name: string): string {
  return name.replace(/^[0-9]/, '_$&').replace(/[^a-zA-Z0-9_:]/gu, '_')
}
