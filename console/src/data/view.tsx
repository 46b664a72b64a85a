import { type Query, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import {
  createContext,
  type ReactElement,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useState,
} from 'react'
import type { Zone } from '../format/zone.ts'
import { joinList, splitList } from './address.ts'
import { absoluteRange, DEFAULT_RANGE, type Interval, isLive, resolveRange, type TimeRange } from './time-range.ts'
import {
  REFRESH_INTERVALS,
  type RefreshInterval,
  type Scope,
  type ViewDefaults,
  type ViewSearch,
  viewSearchSchema,
} from './view-state.ts'

/** Scope and time: the same for every page, kept in the address. */
export interface View {
  readonly range: TimeRange
  /** The range now; it moves only when the page is refreshed. */
  readonly interval: Interval
  readonly nowMs: number
  readonly zone: Zone
  readonly scope: Scope
  readonly tenant: string | undefined
  readonly refresh: RefreshInterval
  readonly setRange: (range: TimeRange) => void
  /** To what was dragged over a chart; `unzoom` goes back by one of these. */
  readonly zoom: (interval: Interval) => void
  readonly unzoom: () => void
  readonly setZone: (zone: Zone) => void
  readonly setScope: (scope: Scope) => void
  /** As `X-Scope-OrgID` names them, with bars between; undefined is all that the caller may read. */
  readonly setTenant: (tenant: string | undefined) => void
  readonly setRefresh: (refresh: RefreshInterval) => void
  readonly refreshNow: () => void
  readonly defaults: ViewDefaults | undefined
  readonly setDefaults: (defaults: ViewDefaults | undefined) => void
}

const ViewContext = createContext<View | undefined>(undefined)

export function useView(): View {
  const view = use(ViewContext)
  if (view === undefined) throw new Error('BUG: no ViewProvider above')
  return view
}

/**
 * Makes `defaults` those of the view while the page is there. False until they are: what is asked before would be asked of
 * another time. They are told by identity, so they must be the same object from render to render.
 */
export function useViewDefaults(defaults: ViewDefaults | undefined): boolean {
  const { defaults: now, setDefaults } = useView()
  useLayoutEffect(() => {
    setDefaults(defaults)
    return () => setDefaults(undefined)
  }, [defaults, setDefaults])
  return now === defaults
}

/** Kinds of answers, by the second part of their key, that a refresh leaves alone: names, help, whole traces. */
const STEADY: ReadonlySet<unknown> = new Set([
  'names',
  'metadata',
  'labels',
  'values',
  'tags',
  'trace',
  'context',
  'document',
])

/** How many zooms can be undone. */
const ZOOMS = 50

export function ViewProvider(props: {
  readonly defaultRefresh: RefreshInterval
  readonly children: ReactNode
}): ReactElement {
  const search = viewSearchSchema.parse(useSearch({ strict: false }))
  const change = useChangeSearch()
  const [defaults, setDefaults] = useState<ViewDefaults>()
  const defaultRefresh = defaults?.refresh ?? props.defaultRefresh
  const { nowMs, refreshNow } = useNow(search.refresh ?? defaultRefresh)
  const [zooms, setZooms] = useState<readonly TimeRange[]>([])

  const own = defaults?.range ?? DEFAULT_RANGE
  // An end alone is that of ranges that end now.
  const {
    from = own.from,
    to = search.from === undefined ? own.to : DEFAULT_RANGE.to,
    env,
    cluster,
    tenant,
    tz,
  } = search
  const refresh = search.refresh ?? defaultRefresh
  const view = useMemo((): View => {
    const defaultZone = defaults?.zone ?? 'utc'
    const zone: Zone = tz ?? defaultZone
    const range = { from, to }
    const setRange = (next: TimeRange): void => change({ from: next.from, to: next.to })
    return {
      range,
      interval: resolveRange(range, nowMs - (defaults?.delayMs ?? 0), zone, defaults?.calendar),
      nowMs,
      zone,
      scope: { environments: splitList(env), clusters: splitList(cluster) },
      tenant,
      refresh,
      setRange: (next) => {
        if (isLive(next)) refreshNow()
        setRange(next)
      },
      zoom: (interval) => {
        setZooms((before) => [...before.slice(1 - ZOOMS), range])
        setRange(absoluteRange(interval))
      },
      unzoom: () => {
        const last = zooms.at(-1)
        if (last === undefined) return
        setZooms(zooms.slice(0, -1))
        setRange(last)
      },
      setZone: (next) => change({ tz: next === defaultZone ? undefined : next }),
      setScope: (scope) => change({ env: joinList(scope.environments), cluster: joinList(scope.clusters) }),
      setTenant: (next) => change({ tenant: next }),
      setRefresh: (next) => change({ refresh: next === defaultRefresh ? undefined : next }),
      refreshNow,
      defaults,
      setDefaults,
    }
  }, [from, to, env, cluster, tenant, tz, refresh, nowMs, zooms, change, refreshNow, defaultRefresh, defaults])
  return <ViewContext value={view}>{props.children}</ViewContext>
}

/** The clock of the page: it stands still between refreshes, so that nothing is asked twice. */
function useNow(refresh: RefreshInterval): { readonly nowMs: number; readonly refreshNow: () => void } {
  const [nowMs, setNowMs] = useState(() => Date.now())
  const [asked, setAsked] = useState(0)
  const client = useQueryClient()
  const refreshNow = useCallback(() => {
    setNowMs(Date.now())
    setAsked((count) => count + 1)
  }, [])
  // After the pages have seen the new time: what now asks another question is under way already, and stays so.
  useEffect(() => {
    if (asked > 0) {
      // What failed is asked again, whatever it is.
      const predicate = ({ queryKey, state }: Pick<Query, 'queryKey' | 'state'>): boolean =>
        !STEADY.has(queryKey[1]) || state.status === 'error'
      void client.invalidateQueries({ refetchType: 'active', predicate }, { cancelRefetch: false })
    }
  }, [asked, client])
  const { ms } = REFRESH_INTERVALS[refresh]
  useEffect(() => {
    if (ms === 0) return undefined
    const timer = setInterval(() => {
      // Nobody looks at a hidden page.
      if (!document.hidden) refreshNow()
    }, ms)
    return () => clearInterval(timer)
  }, [ms, refreshNow])
  return { nowMs, refreshNow }
}

function useChangeSearch(): (changes: Partial<Record<keyof ViewSearch, string | undefined>>) => void {
  const navigate = useNavigate()
  return useCallback(
    (changes) => {
      void navigate({
        to: '.',
        search: (before: Readonly<Record<string, unknown>>) => ({ ...before, ...changes }),
      })
    },
    [navigate],
  )
}
