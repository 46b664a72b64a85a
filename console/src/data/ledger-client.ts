import { useQuery } from '@tanstack/react-query'
import { type LedgerCluster, ledgerSchema } from '../../../src/contract/index.ts'

export type { LedgerCluster, LedgerSourceEntry } from '../../../src/contract/index.ts'

const ASK_AGAIN_MS = 5_000

/** The balance of one cluster, source by source, while somebody looks at it; `failed` when the hub gave none. */
export function useLedger(
  cluster: string,
  isWanted: boolean,
): { readonly ledger: LedgerCluster | undefined; readonly failed: boolean } {
  const { data, isError } = useQuery({
    queryKey: ['ledger'],
    queryFn: async ({ signal }) => {
      const response = await fetch('/api/v1/ledger', { signal, headers: { accept: 'application/json' } })
      if (!response.ok) throw new Error(`status ${response.status}`)
      return ledgerSchema.parse(await response.json())
    },
    enabled: isWanted,
    refetchInterval: ASK_AGAIN_MS,
    retry: false,
  })
  return { ledger: data?.clusters.find((one) => one.cluster === cluster), failed: isError }
}
