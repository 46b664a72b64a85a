import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError, messageOf } from '../../core/index.ts'
import { ExpositionError, validateOpenMetrics } from '../../wire/index.ts'

const CaseFile = z.object({ shouldParse: z.boolean(), file: z.string().default('metrics') })

/**
 * The parser tests of the OpenMetrics project: one folder a case, with `test.json` saying whether the exposition beside
 * it is valid. A case passes if the strict validator agrees.
 */
export async function runOpenMetrics(directory: string): Promise<{ cases: number; failures: string[] }> {
  const cases = await listFolders(directory)
  const failures: string[] = []
  for (const name of cases) {
    const failure = await runCase(join(directory, name))
    if (failure !== undefined) failures.push(`${name}: ${failure}`)
  }
  return { cases: cases.length, failures }
}

async function listFolders(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch (reason) {
    throw AppError.from(reason, 'invalid', `list the cases in ${directory}`)
  }
}

/** What is wrong, or undefined. */
async function runCase(folder: string): Promise<string | undefined> {
  try {
    const { shouldParse, file } = CaseFile.parse(JSON.parse(await readFile(join(folder, 'test.json'), 'utf8')))
    const refusal = refusalOf(await readFile(join(folder, file)))
    if (shouldParse) return refusal === undefined ? undefined : `refused, but it is valid: ${refusal}`
    return refusal === undefined ? 'accepted, but it is invalid' : undefined
  } catch (reason) {
    return `the case could not be run: ${messageOf(reason)}`
  }
}

function refusalOf(exposition: Uint8Array): string | undefined {
  try {
    validateOpenMetrics(exposition)
    return undefined
  } catch (reason) {
    if (reason instanceof ExpositionError) return reason.message
    throw reason
  }
}
