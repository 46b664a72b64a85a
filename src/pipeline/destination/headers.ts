import type { Secret } from '../../config/index.ts'
import type { Secrets } from './secrets.ts'

export type AuthSettings =
  | { readonly bearer: Secret }
  | { readonly basic: { readonly username: string; readonly password: Secret } }
  /** Any other scheme of one word, such as `Splunk` or `ApiKey`. */
  | { readonly scheme: string; readonly credentials: Secret }

/** What the fleet file says of a destination's headers. */
export interface HeaderSettings {
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined
  readonly auth?: AuthSettings | undefined
}

/** The headers of a request, names in lower case, with the secrets as they are now. Throws `invalid`. */
export async function resolveHeaders(settings: HeaderSettings, secrets: Secrets): Promise<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(settings.headers ?? {})) {
    headers[name.toLowerCase()] = typeof value === 'string' ? value : await secrets.read(value)
  }
  if (settings.auth !== undefined) headers['authorization'] = await toAuthorization(settings.auth, secrets)
  return headers
}

async function toAuthorization(auth: AuthSettings, secrets: Secrets): Promise<string> {
  if ('bearer' in auth) return `Bearer ${await secrets.read(auth.bearer)}`
  if ('scheme' in auth) return `${auth.scheme} ${await secrets.read(auth.credentials)}`
  const pair = `${auth.basic.username}:${await secrets.read(auth.basic.password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}
