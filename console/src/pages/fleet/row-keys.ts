import { useEffect } from 'react'
import type { ClusterSnapshot } from '../../data/fleet-client.ts'
import { groupByEnvironment } from './groups.ts'

/** J and K (or arrows) move through the rows as they stand, Escape closes. Keys rest while a field has the focus. */
export function useRowKeys(
  clusters: readonly ClusterSnapshot[],
  selected: string | undefined,
  onSelect: (cluster: string | undefined) => void,
): void {
  useEffect(() => {
    const order = groupByEnvironment(clusters).flatMap((group) => group.clusters.map(({ cluster }) => cluster))
    const onKey = (event: KeyboardEvent): void => {
      if (event.target instanceof HTMLSelectElement || event.target instanceof HTMLInputElement) return
      if (event.metaKey || event.ctrlKey || event.altKey) return
      if (event.key === 'Escape') onSelect(undefined)
      const step = ['j', 'ArrowDown'].includes(event.key) ? 1 : ['k', 'ArrowUp'].includes(event.key) ? -1 : 0
      if (step === 0) return
      const at = selected === undefined ? (step === 1 ? -1 : order.length) : order.indexOf(selected)
      onSelect(order[Math.min(order.length - 1, Math.max(0, at + step))])
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [clusters, selected, onSelect])
}
