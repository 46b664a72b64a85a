import { type ConfigProblem, loadConfig, type Secret } from '../config/index.ts'
import type { Identity, Signal } from '../model/index.ts'
import { type Collect, resolveCollect } from './collect.ts'
import { findContradictions, tenantByCluster, tenantsOf } from './contradictions.ts'
import type { DestinationSettings } from './destinations/index.ts'
import { type EdgeSettings, type FleetFile, fleetSchema, type HubSettings } from './fleet-schema.ts'
import { overlay } from './overlay.ts'
import { resolveNamedScrub, resolveScrub, type ScrubSettings } from './scrub-schema.ts'
import { toWriter, type Writer } from './writers.ts'

/** How long each signal is kept, in milliseconds. */
export type Retention = Readonly<Record<Signal, number>>

/** Who may read what. */
export interface Team {
  readonly name: string
  readonly tenants: 'all' | readonly string[]
  /** Absent: every cluster of those tenants. */
  readonly clusters?: readonly string[]
  readonly role: 'viewer' | 'editor' | 'admin'
  readonly tokens: readonly Secret[]
}

/** The whole fleet as its file describes it, with every default filled in. */
export interface Fleet {
  readonly name: string
  readonly trustDomain: string
  readonly hub: HubSettings
  /** In the order of the file. */
  readonly identities: readonly Identity[]
  readonly tenants: readonly string[]
  readonly teams: readonly Team[]
  /** Who may write with a token instead of a certificate. */
  readonly writers: readonly Writer[]
  /** Where telemetry is sent on to, by name, in the order of the file. */
  readonly destinations: ReadonlyMap<string, DestinationSettings>
  /** The team of callers who show no token; absent: they are refused. */
  readonly anonymous?: Team
  /** What is in the file but has no effect in this version, for people to see. */
  readonly warnings: readonly ConfigProblem[]
  /** Who the cluster is, or undefined if it is not of this fleet. */
  cluster(name: string): Identity | undefined
  retention(tenant: string): Retention
  /** Bytes per second that the cluster may send; undefined is no limit. */
  rate(cluster: string): number | undefined
  collect(cluster: string): Collect | undefined
  edge(cluster: string): EdgeSettings | undefined
  /** What the cluster's edge takes out of telemetry; undefined: nothing. */
  scrub(cluster: string): ScrubSettings | undefined
  /** Rules that destinations may name. */
  readonly scrubProfiles: ReadonlyMap<string, ScrubSettings>
  /** For what a destination names: profiles, and kinds of personal data, which are one rule each. In that order. */
  scrubFor(names: readonly string[]): readonly ScrubSettings[]
}

const DAY_MS = 86_400_000
const BUILT_IN_RETENTION: Retention = { metrics: 30 * DAY_MS, logs: 14 * DAY_MS, traces: 7 * DAY_MS }

/** `file` is how messages call it. With `env`, the variables that hold secrets must be set. Throws ConfigError. */
export function parseFleetFile(text: string, file: string, env?: NodeJS.ProcessEnv): Fleet {
  const schema = fleetSchema.superRefine(findContradictions)
  return createFleet(loadConfig(schema, text, { file, ...(env === undefined ? {} : { env }) }))
}

function createFleet(file: FleetFile): Fleet {
  // Maps, because the names come from certificates and requests: `constructor` is no cluster.
  const clusters = new Map(Object.entries(file.clusters))
  const identities = new Map([...clusters].map(([name, cluster]) => [name, toIdentity(name, cluster)]))
  const tenantSettings = new Map(Object.entries(file.tenants))
  const scrubProfiles = new Map(Object.entries(file.scrubProfiles))
  const teams = Object.entries(file.teams).map(toTeam)
  const anonymous = teams.find(({ name }) => name === file.access.anonymous)
  return {
    name: file.fleet,
    trustDomain: file.trustDomain ?? file.fleet,
    hub: file.hub,
    identities: [...identities.values()],
    tenants: [...tenantsOf(file)],
    teams,
    writers: Object.entries(file.writers).map(([name, writer]) => toWriter(name, writer, tenantByCluster(file))),
    destinations: new Map(Object.entries(file.destinations)),
    ...(anonymous === undefined ? {} : { anonymous }),
    warnings: findWarnings(file),
    cluster: (name) => identities.get(name),
    retention: (tenant) => overlay(BUILT_IN_RETENTION, file.defaults.retention, tenantSettings.get(tenant)?.retention),
    rate: (name) => clusters.get(name)?.rate ?? file.hub.ingest.clusterRate,
    collect: (name) => {
      const cluster = clusters.get(name)
      return cluster && resolveCollect(cluster.collect, file.defaults.collect)
    },
    edge: (name) => clusters.get(name)?.edge,
    scrub: (name) => {
      const cluster = clusters.get(name)
      return cluster && resolveScrub(cluster.scrub, file.defaults.scrub)
    },
    scrubProfiles,
    scrubFor: (names) => resolveNamedScrub(names, scrubProfiles),
  }
}

function toIdentity(name: string, cluster: FleetFile['clusters'][string]): Identity {
  const { environment, region, clusterType, tenant = environment } = cluster
  return { cluster: name, environment, region, clusterType, tenant }
}

function toTeam([name, team]: [string, FleetFile['teams'][string]]): Team {
  const { tenants, clusters, role, tokens } = team
  return {
    name,
    tenants: tenants.includes('*') ? 'all' : tenants,
    ...(clusters === undefined ? {} : { clusters }),
    role,
    tokens,
  }
}

/** Somebody wrote the profile for a destination, and believes that it is used. */
function findWarnings(file: FleetFile): ConfigProblem[] {
  const used = new Set(Object.values(file.destinations).flatMap(({ scrub }) => scrub))
  return Object.keys(file.scrubProfiles)
    .filter((name) => !used.has(name))
    .map((name) => ({ path: `scrubProfiles.${name}`, message: 'no destination names it in its scrub' }))
}
