import { stat } from 'node:fs/promises'
import { type Secret, resolveSecret } from '../../config/index.ts'
import { type Clock, systemClock } from '../../core/index.ts'

const CHECK_MS = 1_000

/** Reads secrets where they are used, so that a file that was replaced is taken over by the next request. */
export interface Secrets {
  /** Throws `invalid` when the secret is not there; the message names the variable or file. */
  read(secret: Secret): Promise<string>
}

/** Looks at a file once a second at most, and reads it when it has become another. */
export function createSecrets(env: NodeJS.ProcessEnv = process.env, clock: Clock = systemClock): Secrets {
  const known = new Map<string, { readonly version: string; readonly value: string; readonly checkedAtMs: number }>()
  return {
    read: async (secret) => {
      if ('env' in secret) return resolveSecret(secret, env)
      const before = known.get(secret.file)
      const nowMs = clock.now()
      if (before !== undefined && Math.abs(nowMs - before.checkedAtMs) < CHECK_MS) return before.value
      const version = await versionOfFile(secret.file)
      const value = before !== undefined && before.version === version ? before.value : await resolveSecret(secret, env)
      // As many entries as the fleet file has secrets.
      known.set(secret.file, { version, value, checkedAtMs: nowMs })
      return value
    },
  }
}

/** What tells one state of a file from another; the same text as long as the file is not there. */
export async function versionOfFile(file: string): Promise<string> {
  const stats = await stat(file, { bigint: true }).catch(() => undefined)
  return stats === undefined ? '' : [stats.dev, stats.ino, stats.size, stats.mtimeNs].join(':')
}
