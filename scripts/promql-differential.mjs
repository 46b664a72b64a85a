// `npm run conformance -- promql-differential [--queries N] [--seed S] [--prometheus PROGRAM]`: random queries over the
// same data, asked of the store here and of a Prometheus that is installed. Exit code 1 if answers differ, 2 without one.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

export async function promqlDifferential(args) {
  const { values } = parseArgs({
    args,
    options: {
      queries: { type: 'string', default: '5000' },
      seed: { type: 'string', default: '1' },
      prometheus: { type: 'string', default: 'prometheus' },
    },
  })
  const [queries, seed] = [Number(values.queries), Number(values.seed)]
  if (!Number.isSafeInteger(queries) || queries < 1 || !Number.isSafeInteger(seed)) {
    process.stderr.write('--queries and --seed take integers\n')
    return 2
  }
  // The generator of queries is a part of the tests, which the program is built without.
  const built = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.fuzz.json'], {
    stdio: 'inherit',
  })
  if (built.status !== 0) return 2
  const { prometheusVersion, runDifferential } = await import(
    pathToFileURL(path.resolve('dist/fuzz/fuzz/promql-differential.js')).href
  )
  const version = prometheusVersion(values.prometheus)
  if (version === undefined) {
    process.stderr.write(`skipped: ${values.prometheus} is not installed (Debian: apt-get install prometheus)\n`)
    return 2
  }
  const { createMetrics, silentLogger, systemClock } = await import('../dist/core/index.js')
  const { createEngineSupervisor, createStoreClient, migrate } = await import('../dist/storage/index.js')
  const dir = await mkdtemp(path.join(tmpdir(), 'fleetglass-differential-'))
  const log = silentLogger()
  const engine = createEngineSupervisor({ dir, log, metrics: createMetrics(), clock: systemClock })
  try {
    await engine.start(new AbortController().signal)
    const client = createStoreClient(engine.connection)
    await migrate(client, log)
    const write = (line) => process.stdout.write(`${line}\n`)
    const { prometheus } = values
    const { compared, differences, notRead } = await runDifferential({ client, prometheus, queries, seed, write })
    await client.close()
    const skipped = notRead === 0 ? '' : `, ${notRead} not read by it`
    write(`Prometheus ${version}: ${compared} queries, ${differences} differences${skipped}`)
    return differences === 0 ? 0 : 1
  } finally {
    await engine.shutdown(AbortSignal.timeout(10_000))
    await rm(dir, { recursive: true, force: true })
  }
}
