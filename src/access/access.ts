import type { Secret } from '../config/index.ts'
import { AppError } from '../core/index.ts'
import type { Scope } from '../model/index.ts'
import { isTrustedHost } from './host.ts'
import { narrowScope } from './scope-header.ts'
import { Tokens } from './tokens.ts'

export type Role = 'viewer' | 'editor' | 'admin'

/** People who may read the same. A fleet's teams fit. */
export interface AccessTeam {
  readonly name: string
  readonly tenants: 'all' | readonly string[]
  /** Absent: every cluster of those tenants. */
  readonly clusters?: readonly string[]
  readonly role: Role
  /** Each is one bearer token. */
  readonly tokens: readonly Secret[]
}

export interface AccessConfig {
  readonly teams: readonly AccessTeam[]
  /** The team of callers who show no token; absent: they are refused. */
  readonly anonymous?: AccessTeam
  /** Names by which the hub is reached, besides this machine's own; only callers without a token need them. */
  readonly hostNames?: readonly string[]
}

/** What of a request decides who asks and for what. */
export interface Credentials {
  readonly authorization?: string | undefined
  /** All `X-Scope-OrgID` headers. */
  readonly scopeHeaders: readonly string[]
  readonly host?: string | undefined
}

/** Who asks, and what they may read. */
export interface Principal {
  readonly team: string
  readonly role: Role
  readonly scope: Scope
}

export interface Access {
  /** Throws `unauthenticated`, `forbidden` or, for malformed headers, `invalid`. */
  authorize(credentials: Credentials): Principal
}

/** Reads the tokens once. Throws `invalid` when a secret is missing or two teams share a token. */
export async function createAccess(config: AccessConfig): Promise<Access> {
  const tokens = await readTokens(config.teams)
  return {
    authorize: (credentials) => {
      const team = identify(credentials, tokens, config)
      const granted: Scope = {
        tenants: team.tenants,
        ...(team.clusters === undefined ? {} : { clusters: team.clusters }),
      }
      return { team: team.name, role: team.role, scope: narrowScope(granted, credentials.scopeHeaders) }
    },
  }
}

async function readTokens(teams: readonly AccessTeam[]): Promise<Tokens<AccessTeam>> {
  const tokens = new Tokens<AccessTeam>()
  for (const team of teams) for (const secret of team.tokens) await tokens.add(secret, team, `the team ${team.name}`)
  return tokens
}

function identify(credentials: Credentials, tokens: Tokens<AccessTeam>, config: AccessConfig): AccessTeam {
  const { authorization, host } = credentials
  if (authorization !== undefined) {
    const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1]
    const team = token === undefined ? undefined : tokens.find(token)
    // A wrong token is refused even where callers without one are let in: the caller meant to be somebody.
    if (team === undefined) throw new AppError('unauthenticated', 'the credentials are not known')
    return team
  }
  if (config.anonymous === undefined) {
    throw new AppError('unauthenticated', 'no credentials: send Authorization: Bearer <token>')
  }
  if (!isTrustedHost(host, config.hostNames ?? [])) {
    throw new AppError('forbidden', 'without credentials this server answers only under its own host names')
  }
  return config.anonymous
}
