// `npm run bench` lists the benchmarks, `npm run bench -- NAME… [--json]` runs them. A benchmark is a file of bench/
// that exports `name` and `run({ seconds?, lines?, spans?, only?, dir? }): Promise<{ what, value, unit }[]>`; `--seconds N` is how long each part of a
// benchmark lasts, `--lines N` and `--spans N` how many log lines and spans are stored, `--dir DIR` where a store is kept that is filled in several runs,
// and `--only PART` chooses parts by name, where a benchmark has parts.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const args = process.argv.slice(2)
const json = args.includes('--json')
const valueOf = (flag) => {
  const at = args.indexOf(flag)
  return at < 0 ? undefined : args.splice(at, 2)[1]
}
const seconds = valueOf('--seconds')
if (seconds !== undefined && !(Number(seconds) > 0)) {
  process.stderr.write('--seconds: expected a number of seconds\n')
  process.exit(2)
}
const only = valueOf('--only')
const countOf = (flag, what) => {
  const count = valueOf(flag)
  if (count === undefined || Number(count) > 0) return count
  process.stderr.write(`${flag}: expected a number of ${what}\n`)
  process.exit(2)
}
const lines = countOf('--lines', 'lines')
const spans = countOf('--spans', 'spans')
const dir = valueOf('--dir')
const options = {
  ...(seconds && { seconds: Number(seconds) }),
  ...(lines && { lines: Number(lines) }),
  ...(spans && { spans: Number(spans) }),
  ...(only && { only }),
  ...(dir && { dir }),
}
const wanted = args.filter((arg) => !arg.startsWith('--'))
const names = readdirSync('bench')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))

if (wanted.length === 0) {
  process.stdout.write(
    `benchmarks: ${names.join(', ')}\nrun: npm run bench -- NAME [--json] [--seconds N] [--lines N] [--spans N] [--dir DIR] [--only PART]\n`,
  )
  process.exit(0)
}
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`no benchmark named ${unknown.join(', ')}; there are: ${names.join(', ')}\n`)
  process.exit(2)
}
const built = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.bench.json'], {
  stdio: 'inherit',
})
if (built.status !== 0) process.exit(1)
const compiled = path.resolve('dist/bench/bench')
const results = []
for (const name of wanted) {
  const { run } = await import(pathToFileURL(path.join(compiled, `${name}.js`)).href)
  for (const row of await run(options)) results.push({ bench: name, ...row })
}
if (json)
  process.stdout.write(
    `${JSON.stringify({ node: process.version, cpus: (await import('node:os')).cpus().length, results }, null, 2)}\n`,
  )
else {
  const width = Math.max(...results.map((row) => `${row.bench}  ${row.what}`.length))
  for (const row of results) {
    const value = row.value >= 100 ? Math.round(row.value).toLocaleString('en') : row.value.toPrecision(3)
    process.stdout.write(`${`${row.bench}  ${row.what}`.padEnd(width)}  ${value.padStart(14)} ${row.unit}\n`)
  }
}
process.exit(0)
