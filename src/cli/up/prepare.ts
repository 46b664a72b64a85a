import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { AppError, systemCode } from '../../core/index.ts'
import { ensureFleetCertificates, type Fleet, renderEdgeFile } from '../../fleet/index.ts'
import { type Address, checkDisk, checkPorts } from './preflight.ts'
import type { DemoService } from './demo-file.ts'

/** Certificates of the local fleet live this long; they are renewed when a third of it is left. */
export const CERTIFICATE_DAYS = 30

export interface LocalPaths {
  readonly fleetFile: string
  readonly state: string
  readonly pki: string
  readonly hub: string
  /** The programs' own logs. */
  readonly programs: string
  readonly edge: (cluster: string) => string
}

export function localPaths(fleetFile: string, state: string): LocalPaths {
  return {
    fleetFile: path.resolve(fleetFile),
    state: path.resolve(state),
    pki: path.resolve(state, 'pki'),
    hub: path.resolve(state, 'hub'),
    programs: path.resolve(state, 'programs'),
    edge: (cluster) => path.resolve(state, 'edges', cluster),
  }
}

/** Everything that can be found wrong before a program is started, and the files the programs start from. */
export async function prepare(
  fleet: Fleet,
  paths: LocalPaths,
  demo: readonly DemoService[],
  reset: boolean,
): Promise<void> {
  refuseSecond(paths.state)
  await checkPorts(addressesOf(fleet, demo))
  if (reset) removeState(paths.state)
  for (const dir of [paths.state, paths.hub, paths.programs]) mkdirSync(dir, { recursive: true })
  writeFileSync(path.join(paths.state, OWNER), String(process.pid))
  await checkDisk(paths.state)
  await ensureFleetCertificates(fleet, { dir: paths.pki, days: CERTIFICATE_DAYS })
  for (const { cluster } of fleet.identities) {
    mkdirSync(paths.edge(cluster), { recursive: true })
    const file = renderEdgeFile(fleet, cluster, {
      hubAddress: fleet.hub.listen.otlpGrpc,
      serverName: 'localhost',
      tlsDir: paths.pki,
      stateDir: paths.edge(cluster),
      filesDir: paths.state,
    })
    writeFileSync(path.join(paths.edge(cluster), 'edge.yaml'), file)
  }
}

/** The process that uses the state directory. */
const OWNER = 'up.pid'

function refuseSecond(state: string): void {
  const file = path.join(state, OWNER)
  if (!existsSync(file)) return
  const pid = Number(readFileSync(file, 'utf8'))
  if (!isAlive(pid)) return
  throw new AppError(
    'conflict',
    `a local fleet runs already in ${state} (process ${pid}); stop it, or use another --state DIR`,
  )
}

/** Only removes what this program made: a wrong --state must not cost somebody a directory. */
function removeState(state: string): void {
  if (!existsSync(state)) return
  if (!existsSync(path.join(state, OWNER))) {
    throw new AppError('conflict', `${state} was not made by fleetglass up, so --reset does not remove it`)
  }
  rmSync(state, { recursive: true })
}

export function forgetOwner({ state }: LocalPaths): void {
  // The file stays as the mark of our directory; no process has the number 0.
  writeFileSync(path.join(state, OWNER), '0')
}

function isAlive(pid: number): boolean {
  if (pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('fleetglass')
  } catch (reason) {
    // No such process; or one that is alive on a system without /proc.
    return systemCode(reason) === 'ENOENT' && !existsSync('/proc/self')
  }
}

function addressesOf(fleet: Fleet, demo: readonly DemoService[]): readonly Address[] {
  const { listen } = fleet.hub
  const edges = fleet.identities.flatMap(({ cluster }) => {
    const edge = fleet.edge(cluster)?.listen
    if (edge === undefined) return []
    return [
      { what: `edge ${cluster}, OTLP/gRPC`, ...edge.otlpGrpc },
      { what: `edge ${cluster}, OTLP/HTTP`, ...edge.otlpHttp },
      { what: `edge ${cluster}, metrics`, ...edge.http },
    ]
  })
  return [
    { what: 'hub, console and queries', ...listen.http },
    { what: 'hub, OTLP/gRPC', ...listen.otlpGrpc },
    { what: 'hub, OTLP/HTTP', ...listen.otlpHttp },
    ...edges,
    ...demo.map(({ name, cluster, port }) => ({ what: `demo service ${name} of ${cluster}`, host: '127.0.0.1', port })),
  ]
}
