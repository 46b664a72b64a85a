import path from 'node:path'
import type { Command } from 'commander'
import { type FleetSnapshot, fleetSnapshotSchema } from '../../contract/index.ts'
import { messageOf, systemClock } from '../../core/index.ts'
import { ensureFleetCertificates, type Fleet } from '../../fleet/index.ts'
import { readFleetFile } from '../fleet-file.ts'
import { readDemoFile } from './demo-file.ts'
import { renderFleet } from './live-view.ts'
import { LocalFleet } from './local-fleet.ts'
import { CERTIFICATE_DAYS, forgetOwner, type LocalPaths, localPaths, prepare } from './prepare.ts'
import { createScreen, type Screen } from './screen.ts'

interface UpOptions {
  readonly fleet: string
  readonly state: string
  readonly demo: string | false
  readonly reset?: true
}

const REFRESH_MS = 1_000
const RENEW_MS = 3_600_000

/** `fleetglass up`: a whole fleet on this machine. `packageDir` holds the examples it runs by default. */
export function registerUp(program: Command, packageDir: string): void {
  program
    .command('up')
    .description('run a whole fleet on this machine: hub, edges, certificates, demo services, console')
    .option('--fleet <file>', 'fleet file', path.join(packageDir, 'examples/local/fleet.yaml'))
    .option('--state <dir>', 'where everything is kept', '.fleetglass')
    .option('--demo <file>', 'demo services to run beside it', path.join(packageDir, 'examples/local/demo.yaml'))
    .option('--no-demo', 'no demo services')
    .option('--reset', 'begin anew: removes what an earlier run kept')
    .action(async (options: UpOptions) => {
      await up(options, packageDir)
    })
}

async function up(options: UpOptions, packageDir: string): Promise<void> {
  const started = performance.now()
  const screen = createScreen(process.stdout)
  const paths = localPaths(options.fleet, options.state)
  const fleet = readFleetFile(paths.fleetFile, process.env)
  for (const { path: where, message } of fleet.warnings) screen.say(`warning: ${where}: ${message}`)
  const demo = options.demo === false ? [] : readDemoFile(options.demo, packageDir)
  await prepare(fleet, paths, demo, options.reset === true)
  screen.say(`fleet ${fleet.name}: ${fleet.identities.length} clusters, state in ${paths.state}`)

  const stop = stopOnSignals()
  const local = new LocalFleet({
    fleet,
    paths,
    demo,
    program: process.argv[1] ?? '',
    say: (line) => screen.say(line),
  })
  try {
    await local.start(stop)
    screen.say(`ready in ${((performance.now() - started) / 1_000).toFixed(1)} s\n\n${renderAddresses(fleet)}\n`)
    await watch(fleet, paths, screen, stop)
  } finally {
    screen.end()
    screen.say('stopping')
    await local.stop()
    forgetOwner(paths)
    screen.say('stopped; the data stays, the next start continues from it')
  }
}

/** Aborts at the first Ctrl-C or SIGTERM; a second Ctrl-C ends the program at once. */
function stopOnSignals(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted && name === 'SIGINT') process.exit(130)
      stop.abort()
    })
  }
  return stop.signal
}

function renderAddresses({ hub }: Fleet): string {
  const at = ({ host, port }: { host: string; port: number }): string => `http://${host}:${port}`
  return [
    `  Console     ${at(hub.listen.http)}`,
    `  Prometheus  ${at(hub.listen.http)}/prometheus   (Grafana data source, also promtool)`,
    `  Loki        ${at(hub.listen.http)}`,
    `  Tempo       ${at(hub.listen.http)}/tempo`,
    `  Verify      npx fleetglass verify`,
  ].join('\n')
}

async function watch(fleet: Fleet, paths: LocalPaths, screen: Screen, stop: AbortSignal): Promise<void> {
  const { host, port } = fleet.hub.listen.http
  const renewal = setInterval(() => void renewCertificates(fleet, paths, screen), RENEW_MS)
  while (!stop.aborted) {
    const snapshot = await fetchFleet(`http://${host}:${port}/api/v1/fleet`, stop)
    if (snapshot !== undefined) screen.show(renderFleet(snapshot))
    await systemClock.sleep(REFRESH_MS, stop)
  }
  clearInterval(renewal)
}

async function renewCertificates(fleet: Fleet, { pki }: LocalPaths, screen: Screen): Promise<void> {
  try {
    await ensureFleetCertificates(fleet, { dir: pki, days: CERTIFICATE_DAYS })
  } catch (reason) {
    screen.say(`certificates not renewed: ${messageOf(reason)}`)
  }
}

/** Undefined while the hub does not answer; the next look is a second later. */
async function fetchFleet(url: string, stop: AbortSignal): Promise<FleetSnapshot | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([stop, AbortSignal.timeout(2_000)]) })
    return response.ok ? fleetSnapshotSchema.parse(await response.json()) : undefined
  } catch {
    return undefined
  }
}
