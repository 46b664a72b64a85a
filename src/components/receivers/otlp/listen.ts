import type net from 'node:net'
import { AppError } from '../../../core/index.ts'

export interface ListenAddress {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
}

/** Starts listening; rejects with `conflict` if somebody else has the address. */
export async function listen(server: net.Server, address: ListenAddress): Promise<ListenAddress> {
  await new Promise<void>((resolve, reject) => {
    const failed = (reason: NodeJS.ErrnoException): void => {
      const code = reason.code === 'EADDRINUSE' ? 'conflict' : 'unavailable'
      reject(AppError.from(reason, code, `listen on ${address.host}:${String(address.port)}`))
    }
    server.once('error', failed)
    server.listen(address.port, address.host, () => {
      server.off('error', failed)
      resolve()
    })
  })
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new AppError('internal', 'BUG: a server without an address')
  return { host: bound.address, port: bound.port }
}
