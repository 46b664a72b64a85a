import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A path in the folder of shared test material beside the repository; undefined where it is absent. */
export function sharedPath(relative: string): string | undefined {
  const path = fileURLToPath(new URL(`../../../../shared/${relative}`, import.meta.url))
  return existsSync(path) ? path : undefined
}
