import path from 'node:path'
import type { Command } from 'commander'
import { fleetSnapshotSchema } from '../../contract/index.ts'
import { AppError } from '../../core/index.ts'
import { isTenantId } from '../../model/index.ts'
import { readFleetFile } from '../fleet-file.ts'
import { createHubClient, DEFAULT_HUB } from '../http.ts'
import type { EnvironmentNames } from './data-sources.ts'
import { createProvisioning, DASHBOARDS } from './provisioning.ts'
import { type Compared, compareFiles, writeFiles } from './write-files.ts'

interface ProvisionOptions {
  readonly url: string
  readonly tenants?: string
  readonly fleet?: string
  readonly hub?: string
  readonly dashboardsPath?: string
  readonly tokenEnv?: string
  readonly caEnv?: string
  readonly clientCertEnv?: string
  readonly clientKeyEnv?: string
  readonly check?: true
}

/** `fleetglass grafana provision DIR`: what Grafana reads when it starts, to show everything that the hub has. */
export function registerGrafana(program: Command): void {
  program
    .command('grafana')
    .description('set up Grafana')
    .command('provision <dir>')
    .description(
      "write Grafana's provisioning files: data sources across tenants and for each tenant, linked to each other, and dashboards",
    )
    .option('--url <url>', "the hub's address as Grafana reaches it", DEFAULT_HUB)
    .option('--tenants <names>', 'tenants to make data sources for, separated by commas; "none" for none')
    .option('--fleet <file>', 'take the tenants from a fleet file')
    .option('--hub <url>', 'take the tenants from a running hub at this address; by default that of --url')
    .option('--dashboards-path <dir>', `where Grafana sees DIR/${DASHBOARDS}, if not under that name`)
    .option('--token-env <name>', "variable in Grafana's environment that holds a token of the hub")
    .option('--ca-env <name>', "variable in Grafana's environment that holds the hub's certificate authority")
    .option('--client-cert-env <name>', 'the same for a client certificate, where a proxy asks for one')
    .option('--client-key-env <name>', 'the same for its key')
    .option('--check', 'write nothing; end with 1 if the files are not as they would be written')
    .action(async (dir: string, options: ProvisionOptions) => {
      const { SHIPPED_DASHBOARDS } = await import('../../dashboards/index.ts')
      const files = createProvisioning({
        url: parseUrl(options.url),
        tenants: await tenantsOf(options),
        environment: environmentOf(options),
        dashboards: SHIPPED_DASHBOARDS,
        dashboardsPath: options.dashboardsPath ?? path.resolve(dir, DASHBOARDS),
      })
      const compared = compareFiles(dir, files)
      if (options.check === true) {
        process.stdout.write(`${describeCheck(dir, compared)}\n`)
        if (compared.same.length < files.length) process.exitCode = 1
        return
      }
      writeFiles(dir, compared)
      process.stdout.write(`${describeWritten(dir, compared)}\n`)
    })
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new AppError('invalid', `--url ${text}: expected an http:// or https:// address without user and password`)
  }
  return url.href.replace(/\/+$/, '')
}

async function tenantsOf({ tenants, fleet, hub, url }: ProvisionOptions): Promise<readonly string[]> {
  if (tenants !== undefined) return tenants === 'none' ? [] : unique(tenants.split(',').map(checkTenant))
  if (fleet !== undefined) return unique(readFleetFile(fleet).tenants)
  const snapshot = await createHubClient(hub ?? url).get('/api/v1/fleet', fleetSnapshotSchema)
  return unique(snapshot.clusters.map(({ tenant }) => tenant))
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort()
}

function checkTenant(name: string): string {
  const tenant = name.trim()
  if (isTenantId(tenant)) return tenant
  throw new AppError('invalid', `--tenants: ${JSON.stringify(tenant)} is no name of a tenant`)
}

function environmentOf({ tokenEnv, caEnv, clientCertEnv, clientKeyEnv }: ProvisionOptions): EnvironmentNames {
  if ((clientCertEnv === undefined) !== (clientKeyEnv === undefined)) {
    throw new AppError('invalid', '--client-cert-env and --client-key-env: one is of no use without the other')
  }
  const names = { token: tokenEnv, ca: caEnv, clientCert: clientCertEnv, clientKey: clientKeyEnv }
  for (const name of Object.values(names)) {
    if (name !== undefined && !/^[A-Za-z_]\w*$/.test(name)) {
      throw new AppError(
        'invalid',
        'the options -env want the name of a variable, such as FLEETGLASS_TOKEN: no secrets',
      )
    }
  }
  return Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined))
}

function describeCheck(dir: string, { same, changed, absent, foreign }: Compared): string {
  const lines = [
    ...absent.map((file) => `absent    ${path.join(dir, file.path)}`),
    ...changed.map((file) => `outdated  ${path.join(dir, file.path)}`),
    ...foreign.map((file) => `foreign   ${path.join(dir, file.path)}`),
  ]
  return lines.length === 0 ? `${dir}: ${String(same.length)} files, all up to date` : lines.join('\n')
}

function describeWritten(dir: string, { same, changed, absent }: Compared): string {
  const written = [...absent, ...changed].map((file) => `written  ${path.join(dir, file.path)}`)
  const rest = same.length === 0 ? [] : [`${String(same.length)} files were up to date`]
  return [...written, ...rest].join('\n')
}
