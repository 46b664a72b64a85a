// `npm run reliability` lists the experiments, `npm run reliability -- ID…|all [--size N] [--json]` makes them. An
// experiment is a file of reliability/ that exports `experiment` (reliability/experiment.ts). Exit code 1 if anything that
// was acknowledged is lost, anything is doubled, or another promise is broken; 3 if this machine lacks what it takes.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: { type: 'string' }, json: { type: 'boolean', default: false } },
})
const size = values.size === undefined ? undefined : Number(values.size)
if (size !== undefined && !(Number.isSafeInteger(size) && size > 0)) {
  process.stderr.write('--size: expected a positive integer\n')
  process.exit(2)
}
const built = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.reliability.json'], {
  stdio: 'inherit',
})
if (built.status !== 0) process.exit(1)
const dir = path.resolve('dist/reliability/reliability')
const isGood = ({ lost, doubled, failures }) => lost === 0 && doubled === 0 && failures.length === 0
const files = readdirSync('reliability').filter((file) => /^r\d+-.*\.ts$/.test(file))
const modules = await Promise.all(
  files.map((file) => import(pathToFileURL(path.join(dir, `${file.slice(0, -3)}.js`)).href)),
)
const experiments = modules
  .map(({ experiment }) => experiment)
  .sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)))

if (positionals.length === 0) {
  for (const { id, title, size, unit, missing } of experiments) {
    const lack = missing()
    process.stdout.write(
      `${id.padEnd(4)} ${title} (${size} ${unit})${lack === undefined ? '' : `; not here: ${lack}`}\n`,
    )
  }
  process.stdout.write('run: npm run reliability -- ID…|all [--size N] [--json]\n')
  process.exit(0)
}
const known = experiments.map(({ id }) => id)
const unknown = positionals.filter((id) => id !== 'all' && !known.includes(id))
if (unknown.length > 0) {
  process.stderr.write(`no experiment ${unknown.join(', ')}; there are: ${known.join(', ')}\n`)
  process.exit(2)
}
let code = 0
const results = []
for (const experiment of experiments) {
  if (!positionals.includes('all') && !positionals.includes(experiment.id)) continue
  const lack = experiment.missing()
  if (lack !== undefined) {
    process.stderr.write(`${experiment.id} is not made: ${lack}\n`)
    code = Math.max(code, positionals.includes('all') ? 0 : 3)
    continue
  }
  const startedAt = performance.now()
  const result = await experiment.run({ size: size ?? experiment.size })
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  results.push({ id: experiment.id, seconds, ...result })
  if (!isGood(result)) code = 1
  if (values.json) continue
  const { acknowledged, present, lost, doubled, failures, details } = result
  process.stdout.write(
    `${isGood(result) ? 'ok  ' : 'FAIL'} ${experiment.id} ${experiment.title}, ${seconds} s\n` +
      `     acknowledged ${acknowledged}, present ${present}, lost ${lost}, doubled ${doubled}\n` +
      `     ${Object.entries(details)
        .map(([what, value]) => `${what} ${value}`)
        .join(', ')}\n` +
      failures.map((failure) => `     ! ${failure}\n`).join(''),
  )
}
if (values.json) process.stdout.write(`${JSON.stringify({ node: process.version, results }, null, 2)}\n`)
process.exit(code)
