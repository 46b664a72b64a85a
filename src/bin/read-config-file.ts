import { readFileSync } from 'node:fs'
import { AppError, systemCode } from '../core/index.ts'

/** The text of the file. Throws `not_found` that names it. */
export function readConfigFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (reason) {
    if (systemCode(reason) === 'ENOENT') throw new AppError('not_found', `there is no file ${file}`)
    throw AppError.from(reason, 'unavailable', `read ${file}`)
  }
}
