import type { Command } from 'commander'
import { ensureFleetCertificates } from '../fleet/index.ts'
import { readFleetFile } from './fleet-file.ts'
import { renderTable } from './table.ts'

/** `fleetglass cert`: the authority and the certificates of a fleet, as files. */
export function registerCert(program: Command): void {
  program
    .command('cert')
    .description('make the authority, the hub certificate and one certificate a cluster; renew what comes to its end')
    .requiredOption('--fleet <file>', 'fleet file')
    .option('--dir <dir>', 'where the files are kept', 'pki')
    .option('--days <days>', 'how long certificates live', Number, 30)
    .action(async (options: { fleet: string; dir: string; days: number }) => {
      const certificates = await ensureFleetCertificates(readFleetFile(options.fleet), options)
      const rows = [...certificates].map(([name, { paths, certificate, issued }]) => [
        name,
        issued ? 'issued' : 'kept',
        new Date(certificate.notAfterMs).toISOString().slice(0, 16).replace('T', ' '),
        paths.cert,
      ])
      const columns = [{ title: 'Name' }, { title: '' }, { title: 'Ends, UTC' }, { title: 'File' }]
      process.stdout.write(`${renderTable(columns, rows)}\n`)
    })
}
