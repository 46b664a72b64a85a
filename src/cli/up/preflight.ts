import { createServer } from 'node:net'
import { statfs } from 'node:fs/promises'
import { AppError, systemCode } from '../../core/index.ts'

/** Below this much free space the fleet does not start: the logs and the engine would fail soon after. */
const MIN_FREE_BYTES = 512 * 1024 * 1024

export interface Address {
  /** What would listen there. */
  readonly what: string
  readonly host: string
  readonly port: number
}

/** Every taken address in one message, before anything is started. */
export async function checkPorts(addresses: readonly Address[]): Promise<void> {
  const taken: string[] = []
  for (const address of addresses) {
    const problem = await tryListen(address)
    if (problem !== undefined) taken.push(`  ${address.host}:${String(address.port)} for ${address.what} (${problem})`)
  }
  if (taken.length === 0) return
  throw new AppError(
    'conflict',
    `these addresses can not be used:\n${taken.join('\n')}\nStop the programs that have them (another fleetglass up?), or give other ports in the fleet file.`,
  )
}

export async function checkDisk(dir: string): Promise<void> {
  const { bavail, bsize } = await statfs(dir)
  const free = bavail * bsize
  if (free >= MIN_FREE_BYTES) return
  const mib = (bytes: number): string => `${String(Math.floor(bytes / 1024 / 1024))} MiB`
  throw new AppError(
    'exhausted',
    `the disk of ${dir} has ${mib(free)} free, ${mib(MIN_FREE_BYTES)} are needed to start; free some space, or choose another place with --state DIR`,
    { retryable: false },
  )
}

function tryListen({ host, port }: Address): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (reason) => resolve(describe(reason)))
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
}

function describe(reason: Error): string {
  switch (systemCode(reason)) {
    case 'EADDRINUSE':
      return 'taken by another program'
    case 'EACCES':
      return 'not permitted'
    case 'EADDRNOTAVAIL':
      return 'not an address of this machine'
    default:
      return reason.message
  }
}
