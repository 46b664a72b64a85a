import { createLogUpdate } from 'log-update'

/** Where `up` shows how it goes. */
export interface Screen {
  /** A line that stays. */
  say(line: string): void
  /** The part that is replaced by the next one. */
  show(frame: string): void
  /** Leaves the last frame standing. */
  end(): void
}

/** On a terminal the live part is redrawn in place; elsewhere (a file, a pipe) it is a line every half minute. */
export function createScreen(output: NodeJS.WriteStream): Screen {
  return output.isTTY ? createTerminal(output) : createPlain(output)
}

function createTerminal(output: NodeJS.WriteStream): Screen {
  const update = createLogUpdate(output)
  let frame = ''
  return {
    say: (line) => {
      update.clear()
      output.write(`${line}\n`)
      if (frame !== '') update(frame)
    },
    show: (next) => {
      frame = next
      update(frame)
    },
    end: () => {
      update.done()
      frame = ''
    },
  }
}

const PLAIN_INTERVAL_MS = 30_000

function createPlain(output: NodeJS.WriteStream): Screen {
  let shownAt = -Infinity
  return {
    say: (line) => void output.write(`${line}\n`),
    show: (frame) => {
      if (performance.now() - shownAt < PLAIN_INTERVAL_MS) return
      shownAt = performance.now()
      output.write(`${frame}\n`)
    },
    end: () => undefined,
  }
}
