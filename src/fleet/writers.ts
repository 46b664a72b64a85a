import { z } from 'zod'
import { type Secret, secretSchema } from '../config/index.ts'
import { nameSchema } from './names.ts'

/** A sender that has a token and no certificate, and the clusters that it speaks for. */
export const writerSchema = z
  .strictObject({
    token: secretSchema.describe('A bearer token, or the password of basic authentication with the name as user.'),
    cluster: nameSchema.optional().describe('What it sends is of this cluster.'),
    tenant: nameSchema.optional().describe('It may send for every cluster of this tenant.'),
    clusters: z.array(nameSchema).min(1).optional().describe('It may send for these; with `tenant`, only these of it.'),
  })
  .describe('Either `cluster`, or `tenant`, `clusters` or both; then X-Fleetglass-Cluster says for which one.')

type WriterInput = z.output<typeof writerSchema>

/** Who may write with a token, and for which clusters (at least one). */
export interface Writer {
  readonly name: string
  readonly token: Secret
  readonly clusters: readonly string[]
}

/** The tenant of each cluster of the fleet, by name. */
type TenantOf = ReadonlyMap<string, string>

/** What is wrong with a writer that is right by itself. */
export function findWriterProblems(
  writer: WriterInput,
  tenantOf: TenantOf,
): { readonly path: readonly (string | number)[]; readonly message: string }[] {
  const { cluster, tenant, clusters } = writer
  if ((cluster !== undefined) === (tenant !== undefined || clusters !== undefined)) {
    return [{ path: [], message: 'expected either cluster, or tenant, clusters or both: for whom does it write?' }]
  }
  if (tenant !== undefined && ![...tenantOf.values()].includes(tenant)) {
    return [{ path: ['tenant'], message: `no cluster belongs to a tenant ${tenant}` }]
  }
  const named = [
    ...(cluster === undefined ? [] : [{ name: cluster, path: ['cluster'] }]),
    ...(clusters ?? []).map((name, i) => ({ name, path: ['clusters', i] })),
  ]
  return named.flatMap(({ name, path }) => {
    const owner = tenantOf.get(name)
    if (owner === undefined) return [{ path, message: `no cluster is called ${name}` }]
    if (tenant === undefined || owner === tenant) return []
    return [{ path, message: `the cluster belongs to the tenant ${owner}, not to ${tenant}` }]
  })
}

export function toWriter(name: string, { token, cluster, tenant, clusters }: WriterInput, tenantOf: TenantOf): Writer {
  if (cluster !== undefined) return { name, token, clusters: [cluster] }
  const ofTenant = [...tenantOf].filter(([, owner]) => owner === tenant).map(([of]) => of)
  return { name, token, clusters: clusters ?? ofTenant }
}
