import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { copyText } from '../data/clipboard.ts'
import { moveRange, RANGE_PRESETS } from '../data/time-range.ts'
import { isTyping } from '../data/typing.ts'
import { useView, type View } from '../data/view.tsx'
import { PAGES } from './pages.ts'

/** How long G waits for its letter. */
const CHORD_MS = 1_500

export const KEY_HELP: readonly { readonly keys: readonly string[]; readonly words: string }[] = [
  { keys: ['Ctrl', 'K'], words: 'go to or do anything' },
  { keys: ['?'], words: 'this list' },
  { keys: ['/'], words: 'find or filter on this page' },
  { keys: ['G', 'F'], words: 'Fleet' },
  { keys: ['G', 'E'], words: 'Explore metrics' },
  { keys: ['G', 'L'], words: 'Explore logs' },
  { keys: ['G', 'T'], words: 'Explore traces' },
  { keys: ['G', 'M'], words: 'Service map' },
  { keys: ['G', 'C'], words: 'Compare' },
  { keys: ['G', 'D'], words: 'Dashboards' },
  { keys: ['@'], words: 'environments and clusters' },
  { keys: ['R'], words: 'time range; then 1 to 8 for a relative one' },
  { keys: ['['], words: 'half a range back' },
  { keys: [']'], words: 'half a range forward' },
  { keys: ['−'], words: 'zoom out' },
  { keys: ['+'], words: 'zoom in' },
  { keys: ['U'], words: 'UTC or the zone of this machine' },
  { keys: ['J'], words: 'next row' },
  { keys: ['K'], words: 'row before' },
  { keys: ['Enter'], words: 'open the row' },
  { keys: ['Esc'], words: 'close, or cancel the query' },
  { keys: ['Ctrl', 'Enter'], words: 'run the query' },
  { keys: ['.'], words: 'live tail of logs' },
  { keys: ['W'], words: 'wrap log lines' },
  { keys: ['X'], words: 'context of a log line' },
  { keys: ['N'], words: 'next match; with Shift the one before' },
  { keys: ['E'], words: 'next error in a trace; edit a dashboard' },
  { keys: ['O'], words: 'menu of a panel' },
  { keys: ['Z'], words: 'undo, while a dashboard is edited' },
  { keys: ['Y'], words: 'copy the link to what is shown' },
]

/** The keys that work on every page. Single letters rest while a field has the focus. */
export function useShellKeys(open: {
  readonly palette: () => void
  readonly keys: () => void
  readonly time: () => void
  readonly scope: () => void
}): void {
  const view = useView()
  const navigate = useNavigate()
  const state = useRef({ view, open })
  useEffect(() => {
    state.current = { view, open }
  })
  useEffect(() => {
    let chord: { key: string; atMs: number } | undefined
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        state.current.open.palette()
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      if (isTyping(event) && !(chord !== undefined && chord.key === 'r')) return
      const key = event.key.toLowerCase()
      const pending = chord !== undefined && performance.now() - chord.atMs < CHORD_MS ? chord.key : undefined
      chord = undefined
      const page = pending === 'g' ? PAGES.find((one) => one.key === key) : undefined
      const preset = pending === 'r' && /^[1-8]$/.test(key) ? RANGE_PRESETS[Number(key) - 1] : undefined
      if (page !== undefined) void navigate({ to: page.path })
      else if (preset !== undefined) state.current.view.setRange(preset.range)
      else if (key === 'g') chord = { key, atMs: performance.now() }
      else if (!runSingle(key, state.current)) return
      else if (key === 'r') chord = { key, atMs: performance.now() }
      event.preventDefault()
    }
    // Before the pages: the letter after G is none of theirs.
    window.addEventListener('keydown', onKey, true)
    return () => window.removeEventListener('keydown', onKey, true)
  }, [navigate])
}

function runSingle(
  key: string,
  { view, open }: { readonly view: View; readonly open: Parameters<typeof useShellKeys>[0] },
): boolean {
  switch (key) {
    case '?':
      open.keys()
      return true
    case 'r':
      open.time()
      return true
    case '@':
      open.scope()
      return true
    case 'u':
      view.setZone(view.zone === 'utc' ? 'local' : 'utc')
      return true
    case '[':
      view.setRange(moveRange(view.interval, 'back'))
      return true
    case ']':
      view.setRange(moveRange(view.interval, 'forward'))
      return true
    case '-':
      view.setRange(moveRange(view.interval, 'out'))
      return true
    case '+':
    case '=':
      view.setRange(moveRange(view.interval, 'in'))
      return true
    case 'y':
      void copyText(window.location.href)
      return true
    case '/': {
      const field = document.querySelector<HTMLElement>('[data-find]')
      field?.focus()
      return field !== null
    }
    default:
      return false
  }
}
