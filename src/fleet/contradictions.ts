import type { z } from 'zod'
import { renderAddress } from './address.ts'
import type { FleetFile } from './fleet-schema.ts'
import type { fleetSchema } from './fleet-schema.ts'
import { DETECTORS, isScrubName, lacksKey, resolveScrub, type ScrubSettings } from './scrub-schema.ts'
import { findWriterProblems } from './writers.ts'

type Report = (path: readonly (string | number)[], message: string) => void

/** Reports what one part of the file says and another denies. A zod refinement: runs when each part is right by itself. */
export function findContradictions(
  file: FleetFile,
  context: z.core.$RefinementCtx<z.output<typeof fleetSchema>>,
): void {
  const report: Report = (path, message) => {
    context.addIssue({ code: 'custom', path: [...path], message })
  }
  reportSharedPorts(file, report)
  reportUnknownNames(file, report)
  reportRepeatedJobs(file, report)
  reportUnknownSources(file, report)
  reportReservedNames(file, report)
  reportMissingScrubKeys(file, report)
  reportUnknownScrubNames(file, report)
  for (const [name, writer] of Object.entries(file.writers)) {
    for (const { path, message } of findWriterProblems(writer, tenantByCluster(file))) {
      report(['writers', name, ...path], message)
    }
  }
}

function reportSharedPorts(file: FleetFile, report: Report): void {
  const seen = new Map<string, string>()
  for (const [key, address] of Object.entries(file.hub.listen)) {
    const place = renderAddress(address)
    const first = seen.get(place)
    if (first !== undefined && address.port !== 0) report(['hub', 'listen', key], `${place} is taken by ${first}`)
    seen.set(place, `hub.listen.${key}`)
  }
}

function reportUnknownNames(file: FleetFile, report: Report): void {
  const tenants = tenantsOf(file)
  for (const [team, { tenants: wanted, clusters }] of Object.entries(file.teams)) {
    for (const [i, tenant] of wanted.entries()) {
      if (tenant !== '*' && !tenants.has(tenant)) {
        report(
          ['teams', team, 'tenants', i],
          `no cluster belongs to a tenant ${tenant}: there are ${[...tenants].join(', ')}`,
        )
      }
    }
    for (const [i, cluster] of (clusters ?? []).entries()) {
      if (!(cluster in file.clusters)) report(['teams', team, 'clusters', i], `no cluster is called ${cluster}`)
    }
  }
  const { anonymous } = file.access
  if (anonymous !== undefined && !(anonymous in file.teams)) {
    report(['access', 'anonymous'], `no team is called ${anonymous}`)
  }
  for (const tenant of Object.keys(file.tenants)) {
    if (!tenants.has(tenant))
      report(['tenants', tenant], `no cluster belongs to it: there are ${[...tenants].join(', ')}`)
  }
}

/** Other readers of logs have dead letters under these names. */
function reportReservedNames(file: FleetFile, report: Report): void {
  for (const name of ['store', 'hub']) {
    if (Object.hasOwn(file.destinations, name)) report(['destinations', name], 'this name is taken: choose another one')
  }
}

/** A destination that waits for a cluster that is not there would wait in silence. */
function reportUnknownSources(file: FleetFile, report: Report): void {
  const clusters = Object.values(file.clusters)
  const known = {
    cluster: new Set(Object.keys(file.clusters)),
    environment: new Set(clusters.map(({ environment }) => environment)),
    tenant: tenantsOf(file),
  }
  for (const [destination, { where }] of Object.entries(file.destinations)) {
    for (const key of ['cluster', 'environment', 'tenant'] as const) {
      for (const name of where[key] ?? []) {
        if (known[key].has(name)) continue
        const message = `no cluster has the ${key} ${name}: there are ${[...known[key]].join(', ')}`
        report(['destinations', destination, 'where', key], message)
      }
    }
  }
}

function reportRepeatedJobs(file: FleetFile, report: Report): void {
  const check = (path: readonly string[], jobs: readonly { readonly job: string }[] | undefined): void => {
    const seen = new Set<string>()
    for (const [i, { job }] of (jobs ?? []).entries()) {
      if (seen.has(job)) report([...path, 'collect', 'scrape', i, 'job'], `another job is called ${job} already`)
      seen.add(job)
    }
  }
  check(['defaults'], file.defaults.collect?.scrape)
  for (const [name, cluster] of Object.entries(file.clusters)) check(['clusters', name], cluster.collect?.scrape)
}

function reportMissingScrubKeys(file: FleetFile, report: Report): void {
  const check = (path: readonly string[], settings: ScrubSettings | undefined): void => {
    if (settings === undefined || !lacksKey(settings)) return
    report(path, 'pseudonyms need a key: write { rules: […], key: { env: NAME } } or { file: PATH }')
  }
  check(['defaults', 'scrub'], file.defaults.scrub)
  for (const [name, { scrub }] of Object.entries(file.clusters)) {
    check(['clusters', name, 'scrub'], scrub && resolveScrub(scrub, file.defaults.scrub))
  }
  for (const [name, profile] of Object.entries(file.scrubProfiles)) check(['scrubProfiles', name], profile)
}

function reportUnknownScrubNames({ destinations, scrubProfiles }: FleetFile, report: Report): void {
  for (const [destination, { scrub }] of Object.entries(destinations)) {
    for (const [i, name] of scrub.entries()) {
      if (isScrubName(name, scrubProfiles)) continue
      const known = [...Object.keys(scrubProfiles), ...DETECTORS].join(', ')
      report(['destinations', destination, 'scrub', i], `neither a profile nor a kind: there are ${known}`)
    }
  }
}

/** The tenants that something belongs to. */
export function tenantsOf(file: FleetFile): ReadonlySet<string> {
  return new Set(tenantByCluster(file).values())
}

export function tenantByCluster(file: FleetFile): ReadonlyMap<string, string> {
  return new Map(Object.entries(file.clusters).map(([name, { tenant, environment }]) => [name, tenant ?? environment]))
}
