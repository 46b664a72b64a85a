// `npm run fuzz -- DECODER…|all [--executions N] [--seed S] [--json]` feeds changed samples to decoders; without
// arguments it lists them. Inputs that break a property are kept in dist/fuzz/found. Exit code 1 if there are any.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    executions: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const built = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.fuzz.json'], {
  stdio: 'inherit',
})
if (built.status !== 0) process.exit(1)
const { TARGETS, run, runPromqlEval } = await import(pathToFileURL(path.resolve('dist/fuzz/fuzz/index.js')).href)
/** Evaluates queries, which takes promises; all others are functions of bytes. */
const PROMQL_EVAL = 'promql-eval'
const names = [...TARGETS.map(({ name }) => name), PROMQL_EVAL]
if (positionals.length === 0) {
  process.stdout.write(`decoders: ${names.join(', ')}\nrun: npm run fuzz -- DECODER…|all [--executions N] [--seed S]\n`)
  process.exit(0)
}
const unknown = positionals.filter((name) => name !== 'all' && !names.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`no decoder named ${unknown.join(', ')}; there are: ${names.join(', ')}\n`)
  process.exit(2)
}
const executions = Number(values.executions)
const seed = Number(values.seed)
if (!Number.isSafeInteger(executions) || executions < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write('--executions and --seed take integers\n')
  process.exit(2)
}
const rows = []
for (const target of TARGETS) {
  if (!positionals.includes('all') && !positionals.includes(target.name)) continue
  const row = run(target, executions, seed, path.resolve('dist/fuzz/found'))
  rows.push(row)
  if (values.json) continue
  const rate = Math.round(row.perSecond).toLocaleString('en')
  process.stdout.write(
    `${row.failures.length === 0 ? 'ok  ' : 'FAIL'} ${row.name.padEnd(22)} ${row.executions.toLocaleString('en').padStart(10)} executions, ${rate.padStart(7)}/s, ` +
      `${((100 * row.accepted) / row.executions).toFixed(0)} % accepted, slowest ${row.slowestMs.toFixed(1)} ms, memory ${row.residentGrowthMb.toFixed(0)} MB more\n`,
  )
  for (const [what, times] of Object.entries(row.differences))
    process.stdout.write(`       ${String(times)} × ${what}\n`)
  for (const failure of row.failures) process.stdout.write(`       ${failure}\n`)
}
let isEvalBroken = false
if (positionals.includes('all') || positionals.includes(PROMQL_EVAL)) {
  const findings = await runPromqlEval(executions, seed)
  for (const finding of findings) process.stdout.write(`       ${finding}\n`)
  isEvalBroken = findings.length > 0
}
if (values.json) process.stdout.write(`${JSON.stringify({ node: process.version, seed, rows }, null, 2)}\n`)
process.exit(isEvalBroken || rows.some(({ failures }) => failures.length > 0) ? 1 : 0)
