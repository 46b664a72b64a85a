import { readFileSync } from 'node:fs'
import path from 'node:path'

/** The root of the package, from the built program. */
export const packageDir = path.resolve(import.meta.dirname, '../..')

/** Of the package. */
export const version = (JSON.parse(readFileSync(path.join(packageDir, 'package.json'), 'utf8')) as { version: string })
  .version
