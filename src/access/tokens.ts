import { createHash, timingSafeEqual } from 'node:crypto'
import { resolveSecret, type Secret } from '../config/index.ts'
import { AppError } from '../core/index.ts'

interface Known<Owner> {
  readonly hash: Buffer
  readonly owner: Owner
  /** For messages: `the team sre`. */
  readonly name: string
}

/** Tokens by their hashes; the tokens themselves are not kept. */
export class Tokens<Owner> {
  readonly #known: Known<Owner>[] = []

  /** Throws `invalid` when the secret is missing or somebody else has the same token. */
  async add(secret: Secret, owner: Owner, name: string): Promise<void> {
    const hash = hashOf(await resolveSecret(secret))
    const other = this.#known.find((known) => known.hash.equals(hash))
    if (other !== undefined) throw new AppError('invalid', `${other.name} and ${name} have the same token`)
    this.#known.push({ hash, owner, name })
  }

  /** Looks at every token whatever the first ones say, so that the time taken tells nothing. */
  find(token: string): Owner | undefined {
    const hash = hashOf(token)
    let found: Owner | undefined
    for (const known of this.#known) if (timingSafeEqual(known.hash, hash)) found = known.owner
    return found
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
