import type { Command } from 'commander'
import { AppError } from '../core/index.ts'
import { renderEdgeFile } from '../fleet/index.ts'
import { readFleetFile } from './fleet-file.ts'

interface RenderOptions {
  readonly fleet: string
  readonly hub: string
  readonly tls: string
  readonly state: string
}

/** `fleetglass render edge CLUSTER`: the file that the edge of a cluster runs by. */
export function registerRender(program: Command): void {
  program
    .command('render')
    .description('render files from the fleet file')
    .command('edge <cluster>')
    .description("print the edge's file of one cluster")
    .requiredOption('--fleet <file>', 'fleet file')
    .requiredOption('--hub <host:port>', "the hub's OTLP/gRPC address as the edge reaches it")
    .option('--tls <dir>', 'directory of ca.crt, <cluster>.crt and <cluster>.key on the edge', '/etc/fleetglass/tls')
    .option('--state <dir>', "the edge's own directory", '/var/lib/fleetglass')
    .action((cluster: string, options: RenderOptions) => {
      const text = renderEdgeFile(readFleetFile(options.fleet), cluster, {
        hubAddress: parseAddress(options.hub),
        tlsDir: options.tls,
        stateDir: options.state,
      })
      process.stdout.write(text)
    })
}

function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^\[?([^[\]]+)\]?:(\d+)$/.exec(text) ?? []
  if (host === undefined || port === undefined) {
    throw new AppError('invalid', `--hub ${text}: expected host:port, such as hub.example.com:4317`)
  }
  return { host, port: Number(port) }
}
