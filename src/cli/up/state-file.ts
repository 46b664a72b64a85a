import { renameSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { AppError, systemCode } from '../../core/index.ts'

/** An address of this machine. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** `<state>/up.json`: what runs where, for the commands that look at a running local fleet. */
export interface UpState {
  /** Program → process id, for the programs that run now. */
  readonly pids: Readonly<Record<string, number>>
  readonly fleetFile: string
  /** The directory of the authority and of the certificates, one by the name of each cluster. */
  readonly pkiDir: string
  readonly trustDomain: string
  readonly hub: { readonly http: Endpoint; readonly otlpGrpc: Endpoint; readonly otlpHttp: Endpoint }
  /** Cluster → its edge's addresses. */
  readonly edges: Readonly<Record<string, { readonly http: Endpoint; readonly otlpHttp: Endpoint }>>
}

/** At once, so that two changes can not come between each other. */
export function writeUpState(stateDir: string, state: UpState): void {
  const file = path.join(stateDir, 'up.json')
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`)
  renameSync(`${file}.new`, file)
}

/** Throws `not_found` when no local fleet was started there. */
export async function readUpState(stateDir: string): Promise<UpState> {
  const file = path.join(stateDir, 'up.json')
  try {
    // Written by `up` of the same version, beside it.
    return JSON.parse(await readFile(file, 'utf8')) as UpState
  } catch (reason) {
    if (systemCode(reason) !== 'ENOENT') throw AppError.from(reason, 'corrupt', `read ${file}`)
    throw new AppError(
      'not_found',
      `no local fleet in ${stateDir}: start one with npm start, or name its directory with --state DIR`,
    )
  }
}
