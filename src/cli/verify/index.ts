import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Command } from 'commander'
import { AppError, systemClock } from '../../core/index.ts'
import { readFleetFile } from '../fleet-file.ts'
import { readUpState, type UpState } from '../up/state-file.ts'
import { checkCanaries, type ReadBack } from './check-canaries.ts'
import { checkRefusals } from './check-refusals.ts'
import { checkServiceGraph } from './check-service-graph.ts'
import { checkSpoofing } from './check-spoofing.ts'
import type { ClientTls } from './post.ts'
import { type Check, renderReport } from './report.ts'

/** `fleetglass verify`: proves of a running local fleet that it does what it says. */
export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description(
      'send a canary of every signal through every edge and read it back; try wrong certificates, a spoofed label and a call between clusters',
    )
    .option('--state <dir>', 'directory of the local fleet', '.fleetglass')
    .option('--json', 'print the checks as JSON')
    .action(async (options: { state: string; json?: true }) => {
      const checks = await verify(await readUpState(path.resolve(options.state)))
      process.stdout.write(`${options.json === true ? JSON.stringify({ checks }, null, 2) : renderReport(checks)}\n`)
      if (checks.some(({ ok }) => !ok)) process.exitCode = 1
    })
}

async function verify(state: UpState): Promise<readonly Check[]> {
  const { hub } = state
  const readBack: ReadBack = {
    clock: systemClock,
    get: (below) => getJson(`http://${hub.http.host}:${hub.http.port}${below}`),
  }
  const edges = Object.fromEntries(
    Object.entries(state.edges).map(([cluster, { otlpHttp }]) => [cluster, `http://${otlpHttp.host}:${otlpHttp.port}`]),
  )
  const [cluster, claims] = Object.keys(edges)
  if (cluster === undefined) throw new AppError('not_found', 'the fleet has no cluster with an edge to verify')
  const ca = await readFile(path.join(state.pkiDir, 'ca.crt'))
  const tls: ClientTls = {
    ca,
    cert: await readFile(path.join(state.pkiDir, `${cluster}.crt`)),
    key: await readFile(path.join(state.pkiDir, `${cluster}.key`)),
  }
  const { otlpGrpc, otlpHttp } = hub
  const { enabled, interval } = readFleetFile(state.fleetFile).hub.spanMetrics
  // Its series get samples in their interval: the other checks need not wait for that.
  const serviceGraph = enabled ? checkServiceGraph({ edges, intervalMs: interval }, readBack) : Promise.resolve([])
  return [
    ...(await checkCanaries(edges, readBack)),
    ...(await checkRefusals({ otlpGrpc, otlpHttp, trustDomain: state.trustDomain, ca, cluster })),
    await checkSpoofing({ otlpHttp, cluster, tls, claims: claims ?? 'another-cluster' }, readBack),
    ...(await serviceGraph),
  ]
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) })
  if (!response.ok) throw new AppError('unavailable', `${url}: ${response.status} ${await response.text()}`)
  return response.json()
}
