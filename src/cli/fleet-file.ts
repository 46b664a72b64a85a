import { readFileSync } from 'node:fs'
import { AppError, systemCode } from '../core/index.ts'
import { type Fleet, parseFleetFile } from '../fleet/index.ts'

/** Throws ConfigError with all problems, or `not_found`. */
export function readFleetFile(file: string): Fleet {
  try {
    return parseFleetFile(readFileSync(file, 'utf8'), file, process.env)
  } catch (reason) {
    if (systemCode(reason) !== 'ENOENT') throw reason
    throw new AppError('not_found', `there is no fleet file ${file}; name one with --fleet FILE`)
  }
}
