import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { AppError, systemCode } from '../../core/index.ts'
import { isOurs, type ProvisioningFile } from './provisioning.ts'

/** Files by what there is in their place. */
export interface Compared {
  readonly same: readonly ProvisioningFile[]
  /** Ours, but another version. */
  readonly changed: readonly ProvisioningFile[]
  readonly absent: readonly ProvisioningFile[]
  /** Somebody else's. */
  readonly foreign: readonly ProvisioningFile[]
}

export function compareFiles(dir: string, files: readonly ProvisioningFile[]): Compared {
  const compared: Record<keyof Compared, ProvisioningFile[]> = { same: [], changed: [], absent: [], foreign: [] }
  for (const file of files) compared[placeOf(dir, file)].push(file)
  return compared
}

function placeOf(dir: string, file: ProvisioningFile): keyof Compared {
  const present = readText(path.join(dir, file.path))
  if (present === undefined) return 'absent'
  if (present === file.content) return 'same'
  return isOurs(file.path, present) ? 'changed' : 'foreign'
}

/** Writes what is not there yet. Throws `conflict`, having written nothing, if one of the files is somebody else's. */
export function writeFiles(dir: string, { absent, changed, foreign }: Compared): void {
  if (foreign.length > 0) {
    const names = foreign.map((file) => path.join(dir, file.path)).join(', ')
    throw new AppError('conflict', `not written by this command, and so not overwritten: ${names}; move it away first`)
  }
  for (const file of [...absent, ...changed]) {
    const target = path.join(dir, file.path)
    mkdirSync(path.dirname(target), { recursive: true })
    writeFileSync(target, file.content)
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (reason) {
    if (systemCode(reason) === 'ENOENT') return undefined
    throw AppError.from(reason, 'unavailable', `read ${file}`)
  }
}
