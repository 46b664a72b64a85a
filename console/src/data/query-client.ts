import { QueryClient } from '@tanstack/react-query'

/** What a page asks, where the same is asked before the page is there. */
export interface QueryOf<T> {
  readonly queryKey: readonly unknown[]
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<T>
  readonly staleTime: number
}

/** The answers of all pages. */
export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, staleTime: 30_000, gcTime: 300_000 } },
})

/** Asks for what a page will ask, while its code is still on the way. A failure is the page's to show: it asks again. */
export function askAhead<T>(query: QueryOf<T>): void {
  queryClient.query(query).catch(() => undefined)
}
