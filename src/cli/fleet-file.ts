import { readFileSync } from 'node:fs'
import { AppError, systemCode } from '../core/index.ts'
import { type Fleet, parseFleetFile } from '../fleet/index.ts'

/**
 * Throws ConfigError with all problems, or `not_found`. With `env`, the variables that hold secrets must be set; who
 * makes certificates or renders files has no need of them.
 */
export function readFleetFile(file: string, env?: NodeJS.ProcessEnv): Fleet {
  try {
    return parseFleetFile(readFileSync(file, 'utf8'), file, env)
  } catch (reason) {
    if (systemCode(reason) !== 'ENOENT') throw reason
    throw new AppError('not_found', `there is no fleet file ${file}; name one with --fleet FILE`)
  }
}
