import { z } from 'zod'
import '../../data/no-eval.ts'

/** `var-<name>` as Grafana writes it: one value or several; `viewPanel` for a panel alone. */
export const dashboardSearchSchema = z.looseObject({})

const PREFIX = 'var-'

/** What the address says of variables, by name. */
export function askedValues(search: Readonly<Record<string, unknown>>): ReadonlyMap<string, readonly string[]> {
  const asked = new Map<string, readonly string[]>()
  for (const [key, value] of Object.entries(search)) {
    if (!key.startsWith(PREFIX)) continue
    const values = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string')
    asked.set(
      key.slice(PREFIX.length),
      values.map((one) => (one === 'All' ? '$__all' : one)),
    )
  }
  return asked
}

export function keyOf(variable: string): string {
  return `${PREFIX}${variable}`
}
