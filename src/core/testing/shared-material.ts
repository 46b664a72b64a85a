import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const SHARED = fileURLToPath(new URL('../../../../shared/', import.meta.url))

/**
 * The path of a file or folder of the read-only material that lies beside the repository (other projects' test
 * vectors, samples), or undefined where it is absent; then skip the test:
 *
 *     it.skipIf(material === undefined)('…', …)
 */
export function sharedMaterial(path: string): string | undefined {
  return existsSync(SHARED + path) ? SHARED + path : undefined
}
