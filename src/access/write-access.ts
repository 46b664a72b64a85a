import type { Secret } from '../config/index.ts'
import { AppError } from '../core/index.ts'
import type { Identity } from '../model/index.ts'
import type { AccessTeam } from './access.ts'
import { Tokens } from './tokens.ts'

/** Somebody who may write with a token. A fleet's writers fit. */
export interface AccessWriter {
  readonly name: string
  readonly token: Secret
  readonly clusters: readonly string[]
}

export interface WriteAccessConfig {
  readonly writers: readonly AccessWriter[]
  /** Their tokens are for reading: they are known, and may not write. */
  readonly teams: readonly AccessTeam[]
  /** Looks a cluster up in the fleet as it is now. */
  readonly lookup: (cluster: string) => Identity | undefined
}

export interface WriteAccess {
  /**
   * The clusters that whoever sends this `Authorization` may write for, at least one. `Bearer <token>`,
   * `Basic <name:token>` and `ApiKey <name:token>` (both in base64) say the same. Throws `unauthenticated`, or `forbidden`
   * for a token that is for reading.
   */
  grant(authorization: string | undefined): readonly Identity[]
}

type Owner = { readonly kind: 'writer'; readonly writer: AccessWriter } | { readonly kind: 'reader' }

/** Reads the tokens once. Throws `invalid` when a secret is missing, or when two have the same, be it for reading. */
export async function createWriteAccess({ writers, teams, lookup }: WriteAccessConfig): Promise<WriteAccess> {
  const tokens = new Tokens<Owner>()
  for (const { name, tokens: secrets } of teams) {
    for (const secret of secrets) await tokens.add(secret, { kind: 'reader' }, `the team ${name}`)
  }
  for (const writer of writers) await tokens.add(writer.token, { kind: 'writer', writer }, `the writer ${writer.name}`)
  return {
    grant: (authorization) => {
      const { token, name } = readCredentials(authorization)
      const owner = tokens.find(token)
      if (owner?.kind === 'reader') throw new AppError('forbidden', 'this token is for reading: writers have their own')
      if (owner === undefined || (name !== undefined && name !== owner.writer.name)) {
        throw new AppError('unauthenticated', 'the credentials are not known')
      }
      const granted = owner.writer.clusters.flatMap((cluster) => lookup(cluster) ?? [])
      if (granted.length === 0) throw new AppError('forbidden', 'the clusters of this token are not in the fleet file')
      return granted
    },
  }
}

/** With the schemes that have a place for it, the name must be the writer's. */
function readCredentials(authorization = ''): { token: string; name?: string } {
  const bearer = /^bearer +(\S+) *$/i.exec(authorization)?.[1]
  if (bearer !== undefined) return { token: bearer }
  const pair = /^(?:basic|apikey) +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization)?.[1]
  if (pair === undefined) throw new AppError('unauthenticated', 'no credentials: send Authorization: Bearer <token>')
  const text = Buffer.from(pair, 'base64').toString()
  const colonAt = text.indexOf(':')
  if (colonAt === -1) throw new AppError('unauthenticated', 'the credentials are not known')
  return { name: text.slice(0, colonAt), token: text.slice(colonAt + 1) }
}
