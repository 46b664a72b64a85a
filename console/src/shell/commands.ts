import { createContext, use } from 'react'

/** What the shell can be asked to open from anywhere; numbers count the requests. */
export interface Commands {
  readonly openPalette: () => void
  readonly timeRequest: number
  readonly scopeRequest: number
}

export const CommandsContext = createContext<Commands>({
  openPalette: () => undefined,
  timeRequest: 0,
  scopeRequest: 0,
})

export function useCommands(): Commands {
  return use(CommandsContext)
}
